"""Where a call asks whether it may run: the policy answers, or the person does."""

from collections.abc import Awaitable, Callable
from typing import Any

from openmed_agent.runtime.events import Event, PermissionAsked, PermissionSettled
from openmed_agent.runtime.permissions import Allow, Ask, Deny, Grant, PermissionAnswer, PermissionPolicy, Reject
from openmed_agent.tools.tool import Display, Tool

Emit = Callable[[Event], object]
AskPerson = Callable[[PermissionAsked], Awaitable[PermissionAnswer]]
"""Shows a person what a call would do and returns their answer."""

Preview = Callable[[], Awaitable[Display]]
"""Returns what a person must see before they allow a call. It reads files, so it is made only for a person."""

KeepGrant = Callable[[Grant], None]
"""Keeps a permission in the user's own settings, for always."""


class PermissionDesk:
    """The permissions of one session: the policy, and what the person has granted since."""

    def __init__(self, policy: PermissionPolicy, *, ask: AskPerson | None, keep: KeepGrant, emit: Emit) -> None:
        self._policy = policy
        self._ask = ask
        self._keep = keep
        self._emit = emit

    async def refusal(self, call_id: str, tool: Tool[Any], subject: str, preview: Preview | None) -> str | None:
        """Return why the call may not run, for the model, or None where it may."""
        match self._policy.decide(tool, subject):
            case Allow():
                self._emit(PermissionSettled(call_id=call_id, tool=tool.name, allowed=True, by="policy"))
                return None
            case Deny(reason=reason):
                return self._denied(call_id, tool, reason)
            case Ask() as asking:
                return await self._asked(call_id, tool, subject, preview, asking)

    async def _asked(
        self, call_id: str, tool: Tool[Any], subject: str, preview: Preview | None, asking: Ask
    ) -> str | None:
        if self._ask is None:
            return self._denied(call_id, tool, "Nobody is there to allow this.")
        shown = await preview() if preview else Display(title=f"{tool.name} {subject}".strip())
        asked = PermissionAsked(
            call_id=call_id,
            tool=tool.name,
            subject=subject,
            title=shown.title,
            preview=shown.body,
            reason=asking.reason,
            scopes=asking.scopes,
        )
        self._emit(asked)
        answer = await self._ask(asked)
        if isinstance(answer, Reject):
            reason = answer.reason or "no reason given"
            self._emit(PermissionSettled(call_id=call_id, tool=tool.name, allowed=False, by="person", reason=reason))
            return f"The person refused this call: {reason}"
        scope = answer.scope if answer.scope in asking.scopes else "once"
        if scope != "once":
            self._policy = self._policy.with_grant(tool.name, subject)
        if scope == "always":
            self._keep(Grant(tool.name, subject))
        self._emit(PermissionSettled(call_id=call_id, tool=tool.name, allowed=True, by="person", scope=scope))
        return None

    def _denied(self, call_id: str, tool: Tool[Any], reason: str) -> str:
        self._emit(PermissionSettled(call_id=call_id, tool=tool.name, allowed=False, by="policy", reason=reason))
        return reason
