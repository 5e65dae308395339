"""What the options of ``deid`` and ``deid-batch`` mean together."""

from typing import TYPE_CHECKING, Final

from openmed_agent.errors import UsageError

if TYPE_CHECKING:
    from openmed_agent.planes.inference.pii.policy import Policy

_MOVING: Final = frozenset({"shift_dates", "replace"})
_FURTHEST_DAYS: Final = 36_500
# Nothing on this machine looks for these; a service with a model of its own may.
_NOT_DETECTED: Final = ("ethnicity", "gender", "job_title", "occupation", "photo")


def check_dates(policy: "Policy", *, method: str, keep_year: bool, days: int | None) -> None:
    """Return if the options for dates fit the method.

    Raises:
        UsageError: an option would do nothing, or the shift is out of range.

    """
    if method == "shift_dates" and not policy.acts_on("date"):
        raise UsageError("The policy keeps dates, so there is nothing to shift.", remedy="Use --method mask.")
    if method not in _MOVING and days is not None:
        raise UsageError(f"The method {method} moves no dates.", remedy="Leave --date-shift-days out.")
    if method not in _MOVING and keep_year:
        raise UsageError(
            f"The method {method} leaves nothing of a date.",
            remedy="To keep years, use --policy safe-harbor-parts with the method mask.",
        )
    if days is not None and not 1 <= abs(days) <= _FURTHEST_DAYS:
        raise UsageError(
            "The number of days is out of range.",
            remedy=f"Give --date-shift-days from 1 to {_FURTHEST_DAYS}, or below 0 for earlier dates.",
        )


def not_detected(policy: "Policy") -> tuple[str, ...]:
    """Return the labels that a policy asks for by name and that no detector of this machine finds."""
    asked = {label.lower() for label in policy.act_on}
    return tuple(label for label in _NOT_DETECTED if label in asked and policy.acts_on(label))
