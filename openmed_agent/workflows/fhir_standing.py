"""How the status of a FHIR resource is to be taken: current, past, planned, refuted, doubtful, withdrawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.workflows.fhir_elements import Phrase

_PLAIN: Final = Assertion()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an entry is to be taken, from its status members.

    ``uncertain``: provisional, on hold, or a status that is missing or unknown. ``withdrawn``: entered in
    error; the source itself says that it is no fact. What is planned is hypothetical in ``assertion``.
    """

    assertion: Assertion = _PLAIN
    uncertain: bool = False
    withdrawn: bool = False


CURRENT: Final = Standing()
UNCERTAIN: Final = Standing(uncertain=True)
WITHDRAWN: Final = Standing(withdrawn=True)
NEGATED: Final = Standing(assertion=Assertion(negated=True))
HISTORICAL: Final = Standing(assertion=Assertion(historical=True))
PLANNED: Final = Standing(assertion=Assertion(hypothetical=True))
FAMILY: Final = Standing(assertion=Assertion(experiencer="family"))

CLINICAL_STATUS: Final[Mapping[str, Standing]] = {
    "": CURRENT,
    "active": CURRENT,
    "recurrence": CURRENT,
    "relapse": CURRENT,
    "inactive": HISTORICAL,
    "remission": HISTORICAL,
    "resolved": HISTORICAL,
}
VERIFICATION_STATUS: Final[Mapping[str, Standing]] = {
    "": CURRENT,
    "confirmed": CURRENT,
    "refuted": NEGATED,
    "entered-in-error": WITHDRAWN,
    "unconfirmed": UNCERTAIN,
    "provisional": UNCERTAIN,
    "differential": UNCERTAIN,
}
MEDICATION_STATUS: Final[Mapping[str, Standing]] = {
    "active": CURRENT,
    "recorded": CURRENT,
    "completed": HISTORICAL,
    "stopped": HISTORICAL,
    "ended": HISTORICAL,
    "cancelled": HISTORICAL,
    "not-taken": NEGATED,
    "intended": PLANNED,
    "draft": PLANNED,
    "entered-in-error": WITHDRAWN,
}
EVENT_STATUS: Final[Mapping[str, Standing]] = {
    "completed": CURRENT,
    "in-progress": CURRENT,
    "preparation": PLANNED,
    "not-done": NEGATED,
    "entered-in-error": WITHDRAWN,
}
FAMILY_STATUS: Final[Mapping[str, Standing]] = {
    "": CURRENT,
    "partial": CURRENT,
    "completed": CURRENT,
    "entered-in-error": WITHDRAWN,
}
PLAN_STATUS: Final[Mapping[str, Standing]] = {
    **dict.fromkeys(("active", "draft", "proposed", "pending", "booked", "arrived", "waitlist", "checked-in"), PLANNED),
    **dict.fromkeys(("not-started", "scheduled", "in-progress"), PLANNED),
    **dict.fromkeys(("completed", "fulfilled", "revoked", "cancelled", "stopped", "noshow"), HISTORICAL),
    "entered-in-error": WITHDRAWN,
}
OBSERVATION_STATUS: Final[Mapping[str, Standing]] = {
    "final": CURRENT,
    "amended": CURRENT,
    "corrected": CURRENT,
    "appended": CURRENT,
    "cancelled": WITHDRAWN,
    "entered-in-error": WITHDRAWN,
}


def standing_of(status: Phrase | None, statuses: Mapping[str, Standing]) -> Standing:
    """Return what a status means; one that is unknown, or missing where it must be stated, is doubt."""
    return statuses.get(status.text.strip().lower() if status else "", UNCERTAIN)


def combined(first: Standing, *others: Standing) -> Standing:
    """Return a standing with every reservation of all; what is over is no longer planned."""
    standings = (first, *others)
    assertions = [standing.assertion for standing in standings]
    historical = any(assertion.historical for assertion in assertions)
    planned = any(assertion.hypothetical for assertion in assertions)
    family = any(assertion.experiencer == "family" for assertion in assertions)
    return Standing(
        assertion=Assertion(
            negated=any(assertion.negated for assertion in assertions),
            historical=historical,
            hypothetical=planned and not historical,
            experiencer="family" if family else "patient",
        ),
        uncertain=any(standing.uncertain for standing in standings),
        withdrawn=any(standing.withdrawn for standing in standings),
    )
