"""Names of persons, compared as a records clerk would: order, case, accents, initials aside."""

import unicodedata
from functools import cache
from typing import Final

# Each line: a given name and the short forms people write for it.
_NICKNAMES: Final = """
abigail abby gail|alexander alex al sandy|alexandra alex sandra|alfred al fred|andrew andy drew|anthony
tony|barbara barb babs|benjamin ben benny|catherine cathy kate katie kathy kay|katherine kathy kate katie
kat kathryn katharine|charles charlie chuck chas|christina chris tina|christine chris chrissy|christopher
chris|cynthia cindy|daniel dan danny|david dave davy|deborah deb debbie debra|donald don donnie|dorothy dot
dottie|edward ed eddie ted ned|eleanor ellie nell|elizabeth liz beth betty eliza libby lisa betsy|eugene
gene|florence flo|francis frank|frances fran|franklin frank|frederick fred freddy|gerald gerry jerry|gregory
greg|harold hal harry|henry harry hank|jacob jake|jacqueline jackie|james jim jimmy jamie|janet jan|jennifer
jen jenny|jessica jess jessie|john jack johnny|jonathan jon|joseph joe joey|joshua josh|judith judy|kenneth
ken kenny|kimberly kim|lawrence larry|leonard len lenny|louis lou|margaret maggie meg peggy marge|martin
marty|mary molly polly|matthew matt|michael mike mick|michelle shelly|nancy nan|nathaniel nate
nathan|nicholas nick|pamela pam|patricia pat patty trish|patrick pat|peter pete|philip phil|phillip
phil|raymond ray|rebecca becky becca|richard rick dick rich|robert bob rob bobby bert|ronald ron
ronnie|samuel sam|samantha sam|sandra sandy|stephen steve|steven steve|stephanie steph|susan sue
suzy|susanna sue|theodore ted theo|theresa terry tess teresa|thomas tom tommy|timothy tim|victoria vicky
tori|vincent vince vinny|virginia ginny|walter walt|william bill will billy liam willie
"""
_IGNORED: Final = frozenset(
    ["mr", "mrs", "ms", "miss", "dr", "jr", "sr", "ii", "iii", "iv", "md", "do", "phd", "rn", "np", "pa"]
)


@cache
def _nicknames() -> dict[str, frozenset[str]]:
    groups: dict[str, frozenset[str]] = {}
    for entry in _NICKNAMES.replace("\n", " ").split("|"):
        members = entry.split()
        for member in members:
            groups[member] = groups.get(member, frozenset()) | {members[0]}
    return groups


def name_parts(name: str) -> tuple[str, ...]:
    """Return the words of a name folded for comparison: surname last, no titles, accents, hyphens or case."""
    head, comma, tail = name.partition(",")
    if comma and tail.strip() and _fold(tail.split()[0]) not in _IGNORED:
        name = f"{tail} {head}"
    words = (_fold(word) for word in name.replace("-", " ").replace("‐", " ").split())
    return tuple(word for word in words if word and word not in _IGNORED)


def _fold(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(character for character in decomposed if character.isalpha())


def _alike(a: str, b: str) -> bool:
    """Say whether two words may be the same name: equal, an initial of it, or a common short form."""
    if a == b or (1 in {len(a), len(b)} and a[0] == b[0]):
        return True
    known = _nicknames()
    return bool(known.get(a, frozenset({a})) & known.get(b, frozenset({b})))


def same_name(a: str, b: str) -> bool:
    """Return whether two names can belong to one person.

    Every word of the shorter name must find its own counterpart in the longer one, and at least one of
    them must be
    equal in full; two single words must be equal.
    """
    first, second = sorted((name_parts(a), name_parts(b)), key=len)
    if not first:
        return False
    if len(first) == 1:
        return first[0] in second and len(first[0]) > 1
    rest, exact = list(second), 0
    for word in sorted(first, key=len, reverse=True):
        found = next((other for other in rest if other == word), None) or next(
            (other for other in rest if _alike(word, other)), None
        )
        if found is None:
            return _compound(first, second)
        rest.remove(found)
        exact += found == word and len(word) > 1
    return exact > 0


def _compound(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Say whether the names differ only in an extra middle name, initial or half of a double surname."""
    given = _alike(first[0], second[0])
    surname = first[-1] in second[1:] or second[-1] in first[1:]
    middle = len(first) == 2 or len(second) == 2  # noqa: PLR2004 - a given name and a surname
    initials = all(_alike(a, b) for a, b in zip(first[1:-1], second[1:-1], strict=False))
    return given and surname and (middle or initials)
