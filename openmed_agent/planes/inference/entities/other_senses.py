"""Where a disease's name is part of another thing's: a tracing, a questionnaire, a vaccine, an immunity, a test.

Every rule looks at a bounded number of words around a mention.
"""

from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.entities.chart_text import in_chart
from openmed_agent.planes.inference.entities.lexicon import word_set
from openmed_agent.planes.inference.entities.matching import Mention
from openmed_agent.planes.inference.entities.normal import Tokens

_TRACED: Final = word_set("st segment wave t pr j")
_LEADS: Final = word_set("v1 v2 v3 v4 v5 v6 avf avl avr")
_LEADS_NEAR: Final = 4
# Questionnaires by the disease they ask for and the number of their questions or edition.
_NUMBERED: Final = frozenset([("gad", "2"), ("gad", "7"), ("ptsd", "5")])
_SCALES: Final = word_set("score scale index inventory questionnaire checklist")
_OF_SCALES: Final = word_set("severity symptom rating assessment control impact")
_LABORATORY: Final = word_set("lab panel bloodwork titer")
_IMMUNE: Final = word_set("immune immunity nonimmune")
_BY_IMMUNITY: Final = word_set("mediated related complex")
# The diseases that vaccines are named after, and the vaccines' own names, in normal words.
_PREVENTABLE: Final = word_set(
    "varicella chickenpox influenza flu hepatitis hep a b pneumococcal zoster shingle herpe raby tetanus pertussis "
    "diphtheria measle mump rubella polio hpv meningococcal rotavirus covid 19 rsv typhoid"
)
_VACCINES: Final = word_set(
    "vaccine vaccination immunization mmr mmrv tdap dtap dtp pcv pcv13 pcv15 pcv20 ppsv23 prevnar pneumovax "
    "gardasil shingrix zostavax ipv opv hib menactra menveo menacwy menb pediarix pentacel varivax proquad"
)
_BETWEEN: Final = word_set("and or dose booster")
_HAVING: Final = word_set("with has had have of chronic acute active")
_LIST_GAPS: Final = frozenset([" ", ", ", ",", "/", " / ", "&", " & ", "+", " + ", "-", " #", "#"])
_ANSWER_GAPS: Final = frozenset([" ", "-", ": ", ":", " - ", " = "])
_LONGEST_LIST: Final = 10


def names_another_thing(tokens: Tokens, mention: Mention) -> bool:
    """Return whether the words name no condition of a person where they stand."""
    return (
        _is_tracing(tokens, mention)
        or (tokens.words[mention.last], _follows(tokens, mention.last + 1)) in _NUMBERED
        or (_is_preventable(tokens, mention) and _is_vaccine(tokens, mention))
        or (_is_test_or_immunity(tokens, mention) and in_chart(tokens, mention))
    )


def _is_test_or_immunity(tokens: Tokens, mention: Mention) -> bool:
    """Return whether a name is that of what is asked, tested or protected from; papers count it as the disease's."""
    if _is_questionnaire(tokens, mention) or _follows(tokens, mention.last + 1) in _LABORATORY:
        return True
    return _is_preventable(tokens, mention) and _is_immunity(tokens, mention)


def _is_tracing(tokens: Tokens, mention: Mention) -> bool:
    """Return whether a depression is that of a line: "ST depression", "depressions in V4-V6"."""
    if tokens.words[mention.last] != "depression":
        return False
    before = _word(tokens, mention.first - 1) if tokens.joined[mention.first] else ""
    if before in _TRACED or tokens.words[mention.first] in _TRACED:
        return True
    after = range(mention.last + 1, min(len(tokens), mention.last + 1 + _LEADS_NEAR))
    reached = [at for at in after if all(tokens.joined[between] for between in range(mention.last + 1, at + 1))]
    return any(tokens.words[at] in _LEADS for at in reached)


def _is_questionnaire(tokens: Tokens, mention: Mention) -> bool:
    first = _follows(tokens, mention.last + 1)
    if first in _SCALES:
        return True
    return first in _OF_SCALES and _follows(tokens, mention.last + 2) in _SCALES | {"test"}


def _is_preventable(tokens: Tokens, mention: Mention) -> bool:
    return all(word in _PREVENTABLE for word in tokens.words[mention.first : mention.last + 1])


def _is_immunity(tokens: Tokens, mention: Mention) -> bool:
    """Return whether the words tell who is protected: "rubella immune", "varicella: non-immune", "immune to mumps"."""
    if _word(tokens, mention.first - 1) == "to" and _word(tokens, mention.first - 2) in _IMMUNE:
        return True
    at = mention.last + 1
    if at >= len(tokens) or tokens.gap(at) not in _ANSWER_GAPS:
        return False
    at += tokens.words[at] in {"non", "not"}
    return _word(tokens, at) in _IMMUNE and _follows(tokens, at + 1) not in _BY_IMMUNITY


def _is_vaccine(tokens: Tokens, mention: Mention) -> bool:
    """Return whether a name stands in a list of vaccines or with the number of a dose: "MMR #2 and varicella"."""
    if _word(tokens, mention.first - 1) in _HAVING:
        return False
    at = mention.last + 1
    numbered = at < len(tokens) and tokens.gap(at) in {" #", "#"} and tokens.words[at].isdigit()
    return numbered or any(word in _VACCINES for word in _listed_with(tokens, mention))


def _listed_with(tokens: Tokens, mention: Mention) -> Iterator[str]:
    """Yield the words of the list around a mention, while they can be of a list of vaccines."""
    for at in range(mention.first - 1, max(-1, mention.first - 1 - _LONGEST_LIST), -1):
        if tokens.gap(at + 1) not in _LIST_GAPS or not _is_of_list(tokens.words[at]):
            break
        yield tokens.words[at]
    for at in range(mention.last + 1, min(len(tokens), mention.last + 1 + _LONGEST_LIST)):
        if tokens.gap(at) not in _LIST_GAPS or not _is_of_list(tokens.words[at]):
            break
        yield tokens.words[at]


def _is_of_list(word: str) -> bool:
    return word.isdigit() or word in _PREVENTABLE or word in _VACCINES or word in _BETWEEN


def _word(tokens: Tokens, index: int) -> str:
    return tokens.words[index] if 0 <= index < len(tokens) else ""


def _follows(tokens: Tokens, index: int) -> str:
    """Return the word at ``index`` when it is joined to the one before, otherwise nothing."""
    return tokens.words[index] if 0 <= index < len(tokens) and tokens.joined[index] else ""
