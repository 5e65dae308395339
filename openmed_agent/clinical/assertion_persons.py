"""Find the words that say a condition is somebody else's: a relative's, a donor's, a roommate's."""

from collections.abc import Iterator, Sequence
from itertools import takewhile

from openmed_agent.clinical.assertion_rules import Category, Direction, Reach, Word
from openmed_agent.clinical.assertion_words import word_set

RELATIVES = word_set(
    "mother father mom dad brother brothers sister sisters sibling siblings grandmother grandfather "
    "grandparent grandparents aunt aunts uncle uncles cousin cousins parent parents son sons daughter "
    "daughters niece nephew relative relatives grandma grandpa twin mgm mgf pgm pgf maternal paternal "
    "mothers fathers half grandson granddaughter children"
)
OTHERS = word_set(
    "donor husband wife spouse partner boyfriend girlfriend roommate roommates coworker coworkers "
    "colleague friend friends neighbor neighbour caregiver classmate classmates contact contacts "
    "fiance fiancee fetus housemate household stepmother stepfather stepson stepdaughter teammate baby "
    "newborn"
)
# What, within four words after a person, makes the person the one who has it.
POSSESSIONS = word_set(
    "has had have with died diagnosed suffered suffers developed tested positive who deceased dies "
    "passed alive hx history : - – ( recently both was is were also dx age aged living and s' carries takes uses"
)
# What makes the person the one who tells.
TELLING = word_set(
    "reports reported states stated says said notes noted describes denies denied endorses concerned "
    "worried thinks believes brought accompanied requests called calls asks confirms mentions noticed "
    "observed feels gives provides present here tells told claims adds reporting at lives asked wants "
    "wishes witnessed saw found bedside"
)

_MEN = word_set(
    "father dad brother brothers grandfather uncle uncles son sons nephew grandpa mgf pgf fathers grandson "
    "husband boyfriend fiance stepfather stepson"
)
_WOMEN = word_set(
    "mother mom sister sisters grandmother aunt aunts daughter daughters niece grandma mgm pgm mothers "
    "granddaughter wife girlfriend fiancee stepmother stepdaughter"
)
# Who "he himself" may be when it is not the patient, and what would make it the patient.
_PERSONS_MEANT = {
    ("he", "himself"): (_MEN, word_set("he his him himself")),
    ("she", "herself"): (_WOMEN, word_set("she her hers herself")),
}
REFLEXIVES = frozenset(("himself", "herself"))
_PATIENT = word_set("patient pt")
_AUXILIARIES = word_set("has have had is was were are also both recently")
_FAMILY_PHRASES = (
    ("family", "history"),
    ("family", "hx"),
    ("fam", "hx"),
    ("fhx",),
    ("famhx",),
    ("fh",),
    ("familial", "history"),
)
_IN_FAMILY = (
    ("runs", "in"),
    ("run", "in"),
    ("in", "the", "family"),
    ("in", "his", "family"),
    ("in", "her", "family"),
)
_FIRST_WORDS = RELATIVES | OTHERS | {phrase[0] for phrase in (*_FAMILY_PHRASES, *_IN_FAMILY)}
_PLACES = word_set("house home car request insistence report concern care office permission name phone")
_CALLED = word_set("the us your our his her me my dr a an")  # "contact the office" is no person
_LOOK_AHEAD = 6
_RELATIVE_CLAUSE = 10
_NEXT_CLAUSE = word_set("and but ; .")
_LOOK_BACK = 4


def person_cues(
    words: Sequence[Word], earlier: Sequence[Word] = ()
) -> Iterator[tuple[tuple[Category, Direction, Reach], int, int]]:
    """Yield the kind and the word range of each cue that names a person other than the patient.

    `earlier` are the words of the sentence before, which names who "he himself" is.
    """
    forms = [word.form for word in words]
    for at, form in enumerate(forms):
        if form in REFLEXIVES:
            yield from _cues_of_reflexive(forms, at, [word.form for word in earlier])
            continue
        if form not in _FIRST_WORDS:
            continue
        if any(tuple(forms[at : at + len(phrase)]) == phrase for phrase in _FAMILY_PHRASES):
            yield (
                (Category.FAMILY, Direction.FORWARD, Reach.CLAUSE),
                at,
                at + 1 + (form in {"family", "fam", "familial"}),
            )
        elif any(tuple(forms[at : at + len(phrase)]) == phrase for phrase in _IN_FAMILY):
            yield (Category.FAMILY, Direction.BACKWARD, Reach.CLAUSE), at, at + 2
        elif form in RELATIVES:
            yield from _cues_of_person(forms, at, Category.FAMILY)
        elif form in OTHERS and not (form == "contact" and forms[at + 1 : at + 2] and forms[at + 1] in _CALLED):
            yield from _cues_of_person(forms, at, Category.OTHER)


def _cues_of_person(
    forms: Sequence[str], at: int, category: Category
) -> Iterator[tuple[tuple[Category, Direction, Reach], int, int]]:
    before = forms[max(0, at - _LOOK_BACK) : at]
    following = forms[at + 1] if at + 1 < len(forms) else ""
    closes = following in {"", ")", ",", ";", ".", "and", "at", "age", "in", "deceased"} or following in RELATIVES
    if "in" in before or (before[-1:] and before[-1] in {"(", "-", "–"} and closes):
        start = at - 1 - before[::-1].index("in") if "in" in before else at
        yield (category, Direction.BACKWARD, Reach.CLAUSE), start, at + 1
    elif has_it(forms, at):
        yield (category, Direction.FORWARD, Reach.CLAUSE), at, at + 1


def _cues_of_reflexive(
    forms: Sequence[str], at: int, earlier: Sequence[str]
) -> Iterator[tuple[tuple[Category, Direction, Reach], int, int]]:
    """Yield the cue of "he himself has" after a sentence that names a man and speaks of no other."""
    kinds = _PERSONS_MEANT.get((forms[at - 1] if at else "", forms[at]))
    if kinds is None or not has_it(forms, at):
        return
    persons, pronouns = kinds
    context = [*earlier, *forms[: at - 1]]
    named = [form for form in context if form in persons]
    if not named or any(form in pronouns or form in _PATIENT for form in context):
        return
    category = Category.OTHER if named[-1] in OTHERS else Category.FAMILY
    yield (category, Direction.FORWARD, Reach.CLAUSE), at - 1, at + 1


def has_it(forms: Sequence[str], at: int) -> bool:
    """Return whether what follows the person at that word says what the person has, not what they tell."""
    ahead = forms[at + 1 : at + 1 + _LOOK_AHEAD]
    if ahead[:1] and ahead[0] in {"'", "’"}:
        return not any(form in _PLACES for form in ahead[1:4])
    if "who" in ahead:
        clause = list(takewhile(lambda form: form not in _NEXT_CLAUSE, forms[at + 1 : at + _RELATIVE_CLAUSE]))
        if any(form in TELLING for form in clause):
            return False
    for index, form in enumerate(ahead):
        following = ahead[index + 1] if index + 1 < len(ahead) else ""
        if form in TELLING or (form in _AUXILIARIES and following in TELLING):
            return False
        if form in POSSESSIONS:
            return True
        if form in {".", ";"}:
            return False
    return False
