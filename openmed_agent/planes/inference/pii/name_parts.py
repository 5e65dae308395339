"""Which word of a name is the given name and which the surname."""

from openmed_agent.planes.inference.pii.tokens import ANY_GIVEN, SURNAME


def part_label(begin: int, place: int, count: int, *, comma: bool, lone: int, titled: bool) -> str:
    """Return the label of the word at `place` of `count`, whose particles start at `begin`.

    `comma` says that the surname comes first, `lone` are the flags of the first word, `titled` that a title
    stands before the name: "Dr. Young" is a surname.
    """
    if count == 1:
        return "first_name" if lone & ANY_GIVEN and not titled and not lone & SURNAME else "last_name"
    if comma:
        return ("last_name", "first_name", "middle_name")[min(place, 2)]
    if place == count - 1:
        return "last_name"
    return "first_name" if begin == 0 else "middle_name"
