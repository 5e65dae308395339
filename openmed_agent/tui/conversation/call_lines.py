"""The lines of calls in a running turn: announced, waiting, running, ended."""

from collections.abc import Callable

from openmed_agent.runtime.events import (
    Answered,
    CallAnnounced,
    PermissionAsked,
    PermissionSettled,
    ToolEnded,
    ToolStarted,
)
from openmed_agent.tui.conversation.entries import Call
from openmed_agent.tui.conversation.transcript import Transcript

CallEvent = CallAnnounced | ToolStarted | ToolEnded | PermissionAsked | PermissionSettled


class CallLines:
    """Keeps one line a call and moves it on; a call that the model announced and never made disappears."""

    def __init__(self, transcript: Transcript, settled: Callable[[str], None]) -> None:
        self._transcript = transcript
        self._settled = settled
        self._announced: list[Call] = []
        self._open: dict[str, Call] = {}

    def take(self, event: CallEvent) -> None:
        """Show one event of a call."""
        match event:
            case CallAnnounced():
                call = Call(tool=event.tool)
                self._announced.append(call)
                self._transcript.add(call)
            case ToolStarted():
                call = self._call(event.call_id, event.tool)
                call.title, call.state = event.title, "running"
                self._transcript.changed(call)
            case ToolEnded():
                self._finish(event)
            case PermissionAsked():
                call = self._call(event.call_id, event.tool)
                call.title = event.title
                self._transcript.changed(call)
            case PermissionSettled():
                self._settled(event.call_id)

    def name(self, answered: Answered) -> None:
        """Give the announced calls what the whole answer says of them."""
        for record in answered.calls:
            call = self._next_announced(record.tool)
            call.call_id, call.title = record.call_id, record.shown_arguments
            self._open[record.call_id] = call
            self._transcript.changed(call)
        self.forget_announced()

    def forget_announced(self) -> None:
        """Take back lines of calls that the model began to write and did not make."""
        for call in self._announced:
            self._transcript.remove_entry(call)
        self._announced.clear()

    def close(self) -> None:
        """Say of whatever is open that it was interrupted: the turn is over."""
        self.forget_announced()
        for call in self._open.values():
            self._settled(call.call_id)
            call.state = "interrupted"
            self._transcript.changed(call)
        self._open.clear()

    def _finish(self, event: ToolEnded) -> None:
        self._settled(event.call_id)
        call = self._call(event.call_id, event.tool)
        del self._open[event.call_id]
        call.sequence, call.title, call.state = event.sequence, event.title, event.outcome
        call.seconds, call.body, call.form = event.seconds, event.body, event.kind
        self._transcript.changed(call)

    def _call(self, call_id: str, tool: str) -> Call:
        found = self._open.get(call_id)
        if found is None:
            found = self._open[call_id] = Call(call_id=call_id, tool=tool)
            self._transcript.add(found)
        return found

    def _next_announced(self, tool: str) -> Call:
        for call in self._announced:
            if call.tool == tool:
                self._announced.remove(call)
                return call
        call = Call(tool=tool)
        self._transcript.add(call)
        return call
