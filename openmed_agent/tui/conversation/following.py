"""Connects a running turn with the parts of the screen that it concerns."""

from typing import TYPE_CHECKING

from openmed_agent.runtime.events import PermissionAsked
from openmed_agent.tui.conversation.permission_panel import Question
from openmed_agent.tui.conversation.turn_follower import TurnFollower, TurnListeners

if TYPE_CHECKING:
    from openmed_agent.tui.conversation.screen import ConversationScreen


def make_follower(screen: "ConversationScreen") -> TurnFollower:
    """Return what shows the turn that begins now."""

    def asked(event: PermissionAsked) -> None:
        screen.panel.ask(
            Question(
                call_id=event.call_id,
                tool=event.tool,
                title=event.title or event.subject,
                preview=event.preview,
                reason=event.reason,
                scopes=event.scopes,
            )
        )
        if not screen.prompt.text:
            screen.panel.focus()

    def settled(call_id: str) -> None:
        focused = screen.panel.has_focus_within
        screen.panel.settle(call_id)
        if focused and not screen.panel.asking:
            screen.prompt.focus()

    def steered(text: str) -> None:
        screen.turns.steered(text)
        screen.show_waiting()

    return TurnFollower(
        screen.transcript,
        TurnListeners(
            asked=asked,
            settled=settled,
            planned=screen.plan_line.tell,
            counted=screen.status.counted,
            started=screen.turns.turn_started,
            steered=steered,
            ended=screen.turns.turn_ended,
            worked=screen.look_around,
        ),
    )
