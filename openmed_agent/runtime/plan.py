"""The visible plan of a session: durable, whole at every change, and part of every summary."""

from collections.abc import Callable
from typing import Literal, cast

from openmed_agent.runtime.events import Event, PlanChanged
from openmed_agent.runtime.session_log import EventLog
from openmed_agent.runtime.transcript import fold
from openmed_agent.tools.context import PlanStep


class SessionPlan:
    """The plan as the log has it."""

    def __init__(self, log: EventLog, emit: Callable[[Event], object]) -> None:
        self._log = log
        self._emit = emit

    @property
    def steps(self) -> tuple[PlanStep, ...]:
        """The present plan."""
        return tuple(PlanStep(title, state) for title, state in fold(self._log.events()).plan)

    def replace(self, steps: tuple[PlanStep, ...]) -> None:
        """Make ``steps`` the plan, durably."""
        self._emit(PlanChanged(steps=tuple((step.title, _state(step)) for step in steps)))


def _state(step: PlanStep) -> Literal["pending", "active", "done"]:
    if step.state not in {"pending", "active", "done"}:
        raise ValueError("a step is pending, active or done")
    return cast("Literal['pending', 'active', 'done']", step.state)
