"""Runs the calls of one answer: checked, permitted, side by side where that is safe, each with exactly one result."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, Literal

from openmed_agent.errors import NotPermittedError, OpenMedError
from openmed_agent.privacy.model_gate import ModelGate
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.runtime.events import CallRecord, Event, ToolEnded, ToolStarted
from openmed_agent.runtime.faults import fault_sentence
from openmed_agent.runtime.permission_desk import PermissionDesk, Preview
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.invoke import ArgumentsError, fitted, parse_arguments, render_values
from openmed_agent.tools.tool import Arguments, Display, Tool, ToolResult

Emit = Callable[[Event], object]
Outcome = Literal["done", "failed", "refused", "interrupted", "invalid"]

CUT_OFF: Final = "This call was cut off by the limit of output, so it was not run. Make it again, shorter."
INTERRUPTED: Final = "The person interrupted this call."


@dataclass(frozen=True, slots=True)
class PreparedCall:
    """A call that may run: its tool, its arguments checked, the permission given."""

    record: CallRecord
    tool: Tool[Any]
    arguments: Arguments
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRunner:
    """Runs calls with the tools of one session's agent mode."""

    tools: Mapping[str, Tool[Any]]
    context: ToolContext
    gate: ModelGate
    desk: PermissionDesk
    emit: Emit

    async def run(self, calls: tuple[CallRecord, ...], *, last_is_cut: bool) -> None:
        """Run ``calls`` in order, neighbours that are safe beside each other at once."""
        beside: list[PreparedCall] = []
        for record in calls:
            if last_is_cut and record is calls[-1]:
                self._end(record, "invalid", CUT_OFF)
                continue
            prepared = await self._prepare(record)
            if prepared is None:
                continue
            facts = prepared.tool.facts
            if facts.read_only and facts.concurrent_safe:
                beside.append(prepared)
                continue
            await self._run_all(beside)
            beside.clear()
            await self._run_one(prepared)
        await self._run_all(beside)

    def interrupt(self, calls: Iterable[CallRecord]) -> None:
        """Give every one of ``calls`` the result that it was interrupted."""
        for record in calls:
            self._end(record, "interrupted", INTERRUPTED)

    async def _prepare(self, record: CallRecord) -> PreparedCall | None:
        tool = self.tools.get(record.tool)
        if tool is None:
            known = ", ".join(sorted(self.tools))
            sentence = f"There is no tool of that name here. The tools are: {known}."
            self._end(record, "invalid", sentence, in_strict=sentence)
            return None
        try:
            arguments = parse_arguments(tool, self.gate.arguments(record.model_arguments))
            subject = tool.subject(arguments, self.context)
            reason = await self.desk.refusal(record.call_id, tool, subject, self._preview(tool, arguments))
        except ArgumentsError as error:
            self._end(record, "invalid", str(error), in_strict=str(error))
            return None
        except NotPermittedError as error:
            self._end(record, "refused", str(error))
            return None
        except OpenMedError as error:
            self._end(record, "invalid", str(error))
            return None
        except Exception as error:  # noqa: BLE001 - a fault of a tool ends its call, not the session
            self._end(record, "failed", fault_sentence("The tool", error))
            return None
        if reason is not None:
            self._end(record, "refused", reason)
            return None
        return PreparedCall(record, tool, arguments, title=f"{tool.name} {subject}".strip())

    def _preview(self, tool: Tool[Any], arguments: Arguments) -> Preview | None:
        preview = tool.preview
        return None if preview is None else lambda: preview(arguments, self.context)

    async def _run_all(self, calls: list[PreparedCall]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for call in calls:
                    group.create_task(self._run_one(call))
        except ExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _run_one(self, call: PreparedCall) -> None:
        self.emit(ToolStarted(call_id=call.record.call_id, tool=call.tool.name, title=call.title))
        start = monotonic()
        outcome, result = await _outcome(call.tool.run(call.arguments, self.context))
        if self.context.phi_mode is PhiMode.STRICT:
            text = render_values(result.values) if outcome == "done" else outcome
        else:
            text = await fitted(result.text, self.context)
        shown = result.display
        self.emit(
            ToolEnded(
                call_id=call.record.call_id,
                tool=call.tool.name,
                outcome=outcome,
                local_text=text,
                title=shown.title,
                body=shown.body,
                kind=shown.kind,
                seconds=round(monotonic() - start, 3),
            )
        )

    def _end(self, record: CallRecord, outcome: Outcome, sentence: str, *, in_strict: str | None = None) -> None:
        """End a call that did not run; ``in_strict`` is what a model may read of that where it sees no record text."""
        strict = self.context.phi_mode is PhiMode.STRICT
        self.emit(
            ToolEnded(
                call_id=record.call_id,
                tool=record.tool,
                outcome=outcome,
                local_text=(in_strict or outcome) if strict else sentence,
                title=sentence,
                seconds=0.0,
            )
        )


async def _outcome(work: Awaitable[ToolResult]) -> tuple[Outcome, ToolResult]:
    try:
        result = await work
    except OpenMedError as error:
        sentence = str(error)
        return "failed", ToolResult(text=sentence, display=Display(title=sentence), failed=True)
    except Exception as error:  # noqa: BLE001 - a fault of a tool ends its call, not the session
        sentence = fault_sentence("The tool", error)
        return "failed", ToolResult(text=sentence, display=Display(title=sentence), failed=True)
    return ("failed" if result.failed else "done"), result
