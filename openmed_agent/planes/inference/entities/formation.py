"""Names of problems that no list holds: body part and head word, word endings, and what is joined to a mention."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from openmed_agent.planes.inference.entities.lexicon import formation_words, word_set
from openmed_agent.planes.inference.entities.matching import Mention
from openmed_agent.planes.inference.entities.normal import Tokens

_LONGEST_REACH: Final = 5
_SHORTEST_STEM: Final = 7
_STAGE_VALUE = re.compile(r"(?:[1-9]|[1-5][abcd]|iv|iii[abc]?|ii[abc]?|i[abc]?|iv[abc]?|v|end)", re.IGNORECASE)
_RENAL_STAGE = re.compile(r"[1-5]|3[ab]|iv|iii[ab]?|v", re.IGNORECASE)
_TIMES: Final = word_set("year yr month mo week day time")
_STAGE_WORDS: Final = frozenset(["stage", "grade", "type", "class", "category", "group"])
_JOINED_RIGHT: Final = frozenset(["of", "in", "to"])
_ARTICLES: Final = frozenset(["the", "his", "her", "their", "my", "both"])

_DISEASE_ENDING = re.compile(
    r"[a-z]{3,}(?:itis|emia|uria|opathy|algia|odynia|plegia|paresis|oma|penia|rrhea|rrhage|rrhagia|megaly|"
    r"sclerosis|stenosis|thrombosis|ptosis|malacia|ectasia|cytosis|philia|phagia|iasis|blastoma|sarcoma|"
    r"trophy|plasia|pnea|phasia|arthria|esthesia|cholia|toxicity)"
)
_NOT_DISEASE: Final = word_set("""
    philosophy homeopathy naturopathy allopathy telepathy antipathy isotrophy eutrophy normoglycemia
    euglycemia endocytosis exocytosis phagocytosis pinocytosis transcytosis bibliophilia anesthesia
    academia autotrophy apoptosis glycemia natremia kalemia lipidemia genotoxicity cytotoxicity
    synesthesia osteopathy xenoma neoplasia""")
_TUMOURS: Final = word_set(
    "cancer carcinoma adenocarcinoma tumor neoplasm malignancy metastasis sarcoma lymphoma leukemia"
)
_VAGUE_TUMOURS: Final = frozenset(["tumor", "neoplasm"])
_DRUG_ENDING = re.compile(
    r"cef[a-z]{4,}|[a-z]{2,}(?:mab|tinib|ciclib|rafenib|zomib|parib|pril|sartan|olol|statin|azole|cillin|mycin|oxacin|cycline|"
    r"gliptin|gliflozin|glutide|prazole|tidine|azepam|azolam|setron|triptan|dipine|caine|barbital|profen|coxib|"
    r"dronate|vudine|ciclovir|tegravir|previr|buvir|navir|asvir|floxacin|oxetine|pezil|peridone|"
    r"thiazide|semide|parin|xaban|gatran|platin|rubicin|taxel|mustine|trexate|uracil|zosin|afil|lukast|terol|"
    r"sone|solone|onide|trel|parine|dopa|giline|capone|morphone|codone|orphan|azine|pramine|triptyline|faxine)"
)
_NOT_DRUG: Final = word_set("""
    someone overtone hormone acetone magazine limousine horizon telephone minstrel mistrel
    actinomycin petrel""")


def formed_mentions(tokens: Tokens) -> Iterator[Mention]:
    """Yield problems formed of a head word and the body parts or qualities before it: "left hip fracture"."""
    heads, alone = formation_words("heads"), formation_words("alone")
    for index, word in enumerate(tokens.words):
        if word in heads:
            first = _reach_left(tokens, index, allowed=formation_words("body") | formation_words("before"))
            if first < index or word in alone:
                yield Mention(first, index, 0.8 if first < index else 0.7, ("formation",))
        elif _ends_like_disease(word):
            yield Mention(index, index, 0.7, ("ending",))


def formed_cancers(tokens: Tokens) -> Iterator[Mention]:
    """Yield tumours formed of a head word and the body parts or qualities before it: "left breast cancer"."""
    for index, word in enumerate(tokens.words):
        if word in _TUMOURS:
            allowed = formation_words("body") | formation_words("before")
            first = _reach_left(tokens, index, allowed=allowed)
            if first < index or word not in _VAGUE_TUMOURS:
                yield Mention(first, index, 0.8 if first < index else 0.7, ("formation",))


def drug_like_mentions(tokens: Tokens) -> Iterator[Mention]:
    """Yield words that end in a stem of international nonproprietary names (WHO stem book)."""
    for index, word in enumerate(tokens.words):
        if _ends_like_drug(word):
            yield Mention(index, index, 0.6, ("ending",))


def joined_modifiers(tokens: Tokens, mention: Mention) -> Mention:
    """Return ``mention`` with side, body part, course and stage joined to it."""
    allowed = formation_words("body") | formation_words("before") | formation_words("side")
    first = _reach_left(tokens, mention.first, allowed=allowed)
    first = _past_acute_on_chronic(tokens, first)
    last = _stage_right(tokens, mention.last)
    last = _place_right(tokens, last)
    first = _stage_left(tokens, first)
    return mention.widened(first, last, "modifier")


def with_complications(tokens: Tokens, mentions: Sequence[Mention]) -> Iterator[Mention]:
    """Yield mentions in order, "diabetes" joined to the diabetic complication that it is "with"."""
    pending: Mention | None = None
    for mention in mentions:
        if pending is not None and _is_complication(tokens, pending, mention):
            pending = pending.widened(pending.first, mention.last, "modifier")
            continue
        if pending is not None:
            yield pending
        pending = mention
    if pending is not None:
        yield pending


def _is_complication(tokens: Tokens, cause: Mention, mention: Mention) -> bool:
    return (
        mention.first == cause.last + 2
        and tokens.words[cause.last + 1] == "with"
        and tokens.joined[cause.last + 1]
        and tokens.joined[mention.first]
        and tokens.words[mention.first] == "diabetic"
        and any(word in {"diabete", "t2dm", "t1dm", "dm", "dm2"} for word in tokens.words[cause.first : cause.last + 1])
    )


def severity_of(tokens: Tokens, mention: Mention) -> str | None:
    """Return the word of severity just before a mention, as it stands in the text."""
    index = mention.first - 1
    if index >= 0 and tokens.joined[mention.first] and tokens.words[index] in formation_words("severity"):
        return tokens.raw(index).lower()
    return None


def endings_of(word: str) -> tuple[str, ...]:
    """Return what the ending of a word speaks for: ``disease``, ``drug``, both or nothing."""
    disease = ("disease",) if _ends_like_disease(word) else ()
    return (*disease, "drug") if _ends_like_drug(word) else disease


def _ends_like_drug(word: str) -> bool:
    return len(word) >= _SHORTEST_STEM and word not in _NOT_DRUG and _DRUG_ENDING.fullmatch(word) is not None


def _ends_like_disease(word: str) -> bool:
    return len(word) >= _SHORTEST_STEM and word not in _NOT_DISEASE and _DISEASE_ENDING.fullmatch(word) is not None


def _reach_left(tokens: Tokens, index: int, *, allowed: frozenset[str]) -> int:
    first = index
    while (
        first > 0
        and index - first < _LONGEST_REACH
        and tokens.joined[first]
        and tokens.words[first - 1] in allowed
        and not _is_bare_letter(tokens, first - 1)
    ):
        first -= 1
    return _coordinated_left(tokens, first) if first < index else first


def _coordinated_left(tokens: Tokens, first: int) -> int:
    """Return the start of "breast and" or "breast and/or" before "ovarian cancer"."""
    at = first
    while at > 0 and at > first - 2 and tokens.joined[at] and tokens.words[at - 1] in {"and", "or"}:
        at -= 1
    one_body = at < first and at > 0 and tokens.joined[at] and tokens.words[at - 1] in formation_words("body")
    return at - 1 if one_body and tokens.words[first] in formation_words("body") else first


def _is_bare_letter(tokens: Tokens, index: int) -> bool:
    """Return whether a one-letter side (``L``, ``R``) is written small, where it is no side."""
    raw = tokens.raw(index)
    return len(raw) == 1 and not raw.isupper()


def _past_acute_on_chronic(tokens: Tokens, first: int) -> int:
    """Return the start of "acute on chronic", when the mention begins with "chronic"."""
    before = tokens.words[max(0, first - 2) : first]
    course = ("acute", "on")
    return first - 2 if before == course and tokens.words[first] == "chronic" else first


def _stage_left(tokens: Tokens, first: int) -> int:
    """Return the start of "stage 3" or "type 2" before the mention."""
    if first > 1 and tokens.joined[first] and tokens.joined[first - 1]:
        stage, value = tokens.words[first - 2], tokens.raw(first - 1)
        if stage in _STAGE_WORDS and _STAGE_VALUE.fullmatch(value):
            return first - 2
    return first


def _stage_right(tokens: Tokens, last: int) -> int:
    """Return the end of ", stage 3b" or "type 2" after the mention."""
    at = last + 1
    if _is_renal_stage(tokens, at):
        return at
    if at + 1 >= len(tokens) or tokens.gap(at) not in {" ", ", ", " (", "  "} or tokens.words[at] not in _STAGE_WORDS:
        return last
    if tokens.joined[at + 1] and _STAGE_VALUE.fullmatch(tokens.raw(at + 1)) and tokens.gap(at) != " (":
        return at + 1
    return last


def _is_renal_stage(tokens: Tokens, at: int) -> bool:
    """Return whether a word is the stage written right behind a chronic kidney disease: "CKD 4", "CKD-3b"."""
    if at >= len(tokens) or tokens.gap(at) not in {" ", "-"} or not _RENAL_STAGE.fullmatch(tokens.raw(at)):
        return False
    renal = tokens.words[at - 1] == "ckd" or tokens.words[max(0, at - 3) : at] == ("chronic", "kidney", "disease")
    after = tokens.words[at + 1] if at + 1 < len(tokens) else ""
    measured = tokens.text[tokens.ends[at] : tokens.ends[at] + 1] in {"/", "%"}
    decimal = bool(after) and tokens.gap(at + 1) == "." and after[0].isdigit()
    return renal and after not in _TIMES and not (measured or decimal)


def _place_right(tokens: Tokens, last: int) -> int:
    """Return the end of "of the left knee" after the mention."""
    at = last + 1
    if at >= len(tokens) or tokens.words[at] not in _JOINED_RIGHT or not tokens.joined[at]:
        return last
    at += 1
    if at < len(tokens) and tokens.joined[at] and tokens.words[at] in _ARTICLES:
        at += 1
    allowed = formation_words("body") | formation_words("side")
    end = at
    while end < len(tokens) and end - at < _LONGEST_REACH and tokens.joined[end] and tokens.words[end] in allowed:
        end += 1
    return end - 1 if end > at and tokens.words[end - 1] in formation_words("body") else last
