"""Whether a code of ICD-10-CM can be reported: today's release or a day of service, reasons and what can be instead."""

import datetime as dt
from collections.abc import Callable
from typing import Final

from openmed_agent.planes.codes import icd_validity
from openmed_agent.planes.codes.contract import Concept, IcdValidateReply, IcdValidation
from openmed_agent.planes.codes.icd_advice import advise
from openmed_agent.planes.codes.icd_concepts import IcdConcepts, IcdRow, dotted, normal_code
from openmed_agent.planes.codes.icd_index import IN_FORCE_FROM, IN_FORCE_UNTIL

_SUGGESTED, _SUGGESTED_FOR_MANY, _MANY = 10, 3, 100
_SHORTEST_CODE, _LONGEST_BASE, _FILLER = 3, 6, "X"
_NOT_A_CODE: Final = "This does not have the form of an ICD-10-CM code."


def validate(concepts: IcdConcepts, codes: tuple[str, ...], date: dt.date | None) -> IcdValidateReply:
    """Return for each code whether it can be reported on ``date``, or under the release where no date is given."""
    suggested = _SUGGESTED if len(codes) <= _MANY else _SUGGESTED_FOR_MANY
    covered = None if date is None else icd_validity.is_covered(date)
    check: Callable[[str], IcdValidation]
    if date is not None and covered:
        day = date

        def check(text: str) -> IcdValidation:
            return _on_day(concepts, text, day, suggested)
    else:
        note = "" if date is None else _uncovered(concepts, date)

        def check(text: str) -> IcdValidation:
            return _in_release(concepts, text, note, suggested)

    validated = {code: check(code) for code in dict.fromkeys(codes)}
    return IcdValidateReply(
        results=tuple(validated[code] for code in codes), date=date, date_covered=covered, release=concepts.release
    )


def why_not(concepts: IcdConcepts, text: str) -> str:
    """Return why a code cannot be reported under the release, or nothing."""
    row = concepts.row(normal_code(text))
    return "" if row is not None and row.billable else _in_release(concepts, text, "", _SUGGESTED_FOR_MANY).reason


def is_known(concepts: IcdConcepts, plain: str) -> bool:
    """Return whether this is a code of the release or of another that the table of validity covers."""
    return concepts.row(plain) is not None or bool(icd_validity.periods(plain))


def _uncovered(concepts: IcdConcepts, date: dt.date) -> str:
    return (
        f"{concepts.release.version} is in force from {IN_FORCE_FROM} to {IN_FORCE_UNTIL}; "
        f"for {date} the release of that date decides."
    )


def _in_release(concepts: IcdConcepts, text: str, note: str, suggested: int) -> IcdValidation:
    plain = normal_code(text)
    if plain is None:
        return _invalid(text, _NOT_A_CODE)
    row = concepts.row(plain)
    if row is None:
        return _unknown(concepts, text, plain, suggested)
    if not row.billable:
        return IcdValidation(
            code=row.code,
            valid=False,
            exists=True,
            billable=False,
            reason=_needs_more(concepts, row),
            suggestions=concepts.billable_below(row, suggested),
        )
    return _valid(concepts, row, note, suggested)


def _on_day(concepts: IcdConcepts, text: str, day: dt.date, suggested: int) -> IcdValidation:
    plain = normal_code(text)
    if plain is None:
        return _invalid(text, _NOT_A_CODE)
    row, held = concepts.row(plain), icd_validity.periods(plain)
    if any(period.covers(day) for period in held):
        if row is not None and row.billable:
            return _valid(concepts, row, "", suggested)
        reason = f"It can be reported {icd_validity.explained(held)}; its title is not in {concepts.release.version}."
        return IcdValidation(code=dotted(plain), valid=True, exists=True, billable=True, reason=reason)
    if not held and (row is None or row.billable):
        return _in_release(concepts, text, "", suggested)
    instead = _instead(concepts, plain, day, suggested)
    if not held:  # a category; what stands below it may differ on that day
        found = _in_release(concepts, text, "", suggested)
        return found.model_copy(update={"suggestions": instead}) if instead else found
    return IcdValidation(
        code=dotted(plain),
        valid=False,
        exists=row is not None,
        billable=False,
        reason=f"It cannot be reported on {day}: it is valid {icd_validity.explained(held)}.",
        suggestions=instead,
    )


def _valid(concepts: IcdConcepts, row: IcdRow, note: str, suggested: int) -> IcdValidation:
    advice, more_specific = advise(concepts, row)
    ends = [period.last for period in icd_validity.periods(row.plain) if period.last]
    if ends:
        advice = (*advice, f"It cannot be reported after {ends[-1]}.")
    return IcdValidation(
        code=row.code,
        valid=True,
        exists=True,
        billable=True,
        reason=note,
        advice=advice,
        more_specific=more_specific[:suggested],
    )


def _unknown(concepts: IcdConcepts, text: str, plain: str, suggested: int) -> IcdValidation:
    seventh = _seventh(concepts, text, plain, suggested)
    if seventh is not None:
        return seventh
    reason = f"There is no such code in {concepts.release.version}."
    held = icd_validity.periods(plain)
    if held:
        reason = f"{reason} It can be reported {icd_validity.explained(held)}."
    return _invalid(text, reason, _nearby(concepts, plain, suggested))


def _seventh(concepts: IcdConcepts, text: str, plain: str, suggested: int) -> IcdValidation | None:
    """Return what is wrong with a code that is a base with a 7th character wrong, misplaced or missing."""
    base = _longest(concepts, plain[:_LONGEST_BASE])
    if base is None or not any(child.kind == "extension" for child in concepts.children(base.identifier)):
        return None
    allowed = [held.character for held in concepts.seventh_characters(base)]
    rest = plain[len(base.plain) :]
    if not rest.strip(_FILLER):
        return _invalid(text, _needs_more(concepts, base), concepts.billable_below(base, suggested))
    if rest[:-1].strip(_FILLER):
        return None
    placed = concepts.row(base.plain.ljust(_LONGEST_BASE, _FILLER) + rest[-1])
    if placed is not None:
        reason = "The 7th character stands in the seventh place, with X in the places between."
        return _invalid(text, reason, (placed.titled(),))
    reason = f"{rest[-1]} is not a 7th character of {base.code}; these are: {', '.join(allowed)}."
    return _invalid(text, reason, concepts.billable_below(base, suggested))


def _longest(concepts: IcdConcepts, plain: str) -> IcdRow | None:
    """Return the longest part of a code, from its start, that exists and takes no 7th character itself."""
    for length in range(len(plain), _SHORTEST_CODE - 1, -1):
        row = concepts.row(plain[:length])
        if row is not None and row.kind != "extension":
            return row
    return None


def _nearby(concepts: IcdConcepts, plain: str, suggested: int) -> tuple[Concept, ...]:
    """Return what can be reported under the longest part of a wrong code that exists."""
    row = _longest(concepts, plain[:-1])
    if row is None:
        return ()
    return (row.titled(),) if row.billable else concepts.billable_below(row, suggested)


def _instead(concepts: IcdConcepts, plain: str, day: dt.date, suggested: int) -> tuple[Concept, ...]:
    """Return what takes the place of a code on a day: codes below it, else the longest code above it."""
    below = icd_validity.valid_below(plain, day)
    for length in range(len(plain) - 1, _SHORTEST_CODE - 1, -1):
        if below:
            break
        above = plain[:length]
        below = (above,) if any(held.covers(day) for held in icd_validity.periods(above)) else ()
    return tuple(_titled(concepts, found) for found in below[:suggested])


def _titled(concepts: IcdConcepts, plain: str) -> Concept:
    row = concepts.row(plain)
    title = f"(title not in {concepts.release.version})"
    return Concept(code=dotted(plain), display=row.display if row else title, billable=True)


def _needs_more(concepts: IcdConcepts, row: IcdRow) -> str:
    if any(child.kind == "extension" for child in concepts.children(row.identifier)):
        return f"{row.code} needs a 7th character, with X in the places between."
    return f"{row.code} is not specific enough to be reported; choose a code below it."


def _invalid(code: str, reason: str, suggestions: tuple[Concept, ...] = ()) -> IcdValidation:
    return IcdValidation(code=code, valid=False, exists=False, billable=False, reason=reason, suggestions=suggestions)
