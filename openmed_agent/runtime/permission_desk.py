"""Where a call asks whether it may run: the policy answers, or the person does."""

from collections.abc import Awaitable, Callable
from typing import Any

from openmed_agent.runtime.events import Event, PermissionAsked, PermissionSettled
from openmed_agent.runtime.permissions import (
    Allow,
    Approve,
    Ask,
    Deny,
    PermissionAnswer,
    PermissionPolicy,
    Reject,
)
from openmed_agent.tools.tool import Display, Tool

Emit = Callable[[Event], object]
AskPerson = Callable[[PermissionAsked], Awaitable[PermissionAnswer]]
"""Shows a person what a call would do and returns their answer."""

RememberAlways = Callable[[str, str], None]
"""Keeps a permission of a tool and a subject in the user's own settings."""

UNATTENDED = "Nobody is there to allow this; it needs a person, or a permission given beforehand."


class PermissionDesk:
    """The permissions of one session: the policy, and what the person has granted since."""

    def __init__(
        self, policy: PermissionPolicy, *, ask: AskPerson | None, remember: RememberAlways, emit: Emit
    ) -> None:
        self._policy = policy
        self._ask = ask
        self._remember = remember
        self._emit = emit

    async def refusal(self, call_id: str, tool: Tool[Any], subject: str, preview: Display | None) -> str | None:
        """Return why the call may not run, for the model, or None where it may."""
        match self._policy.decide(tool, subject):
            case Allow():
                self._settled(call_id, tool, allowed=True)
                return None
            case Deny(reason=reason):
                self._settled(call_id, tool, allowed=False, reason=reason)
                return reason
            case Ask():
                return await self._asked(call_id, tool, subject, preview)

    async def _asked(self, call_id: str, tool: Tool[Any], subject: str, preview: Display | None) -> str | None:
        if self._ask is None:
            self._settled(call_id, tool, allowed=False, reason=UNATTENDED)
            return UNATTENDED
        shown = preview or Display(title=f"{tool.name} {subject}".strip())
        asked = PermissionAsked(call_id=call_id, tool=tool.name, subject=subject, title=shown.title, preview=shown.body)
        self._emit(asked)
        answer = await self._ask(asked)
        match answer:
            case Reject():
                reason = answer.reason or "The person refused this call."
                self._emit(
                    PermissionSettled(call_id=call_id, tool=tool.name, allowed=False, by="person", reason=reason)
                )
                return f"The person refused: {answer.reason}" if answer.reason else reason
            case Approve(scope=scope):
                if scope != "once":
                    self._policy = self._policy.with_grant(tool.name, subject)
                if scope == "always":
                    self._remember(tool.name, subject)
                self._emit(PermissionSettled(call_id=call_id, tool=tool.name, allowed=True, by="person", scope=scope))
                return None

    def _settled(self, call_id: str, tool: Tool[Any], *, allowed: bool, reason: str = "") -> None:
        self._emit(PermissionSettled(call_id=call_id, tool=tool.name, allowed=allowed, by="policy", reason=reason))
