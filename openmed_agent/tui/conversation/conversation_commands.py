"""The ``/`` commands that the conversation does itself."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openmed_agent.tui.conversation.screen import ConversationScreen


def run(screen: "ConversationScreen", action: str, argument: str) -> None:
    """Do a command: at once where that takes no time, else beside the screen."""
    match action:
        case "plan":
            if not screen.plan_line.toggle_plan():
                screen.face.say("There is no plan: the model makes one for longer work.")
        case "details":
            screen.transcript.toggle_details()
        case "end":
            screen.transcript.go_to_end()
        case "copy_answer":
            _copy_answer(screen)
        case "lock":
            screen.face.action_lock()
        case "quit":
            screen.face.exit()
        case _:
            screen.start(_run(screen, action, argument))


async def _run(screen: "ConversationScreen", action: str, argument: str) -> None:
    match action:
        case "clear":
            await screen.acts.begin_anew()
        case "resume":
            await screen.acts.resume(argument)
        case "rename":
            await screen.acts.rename(argument)
        case "fork":
            await screen.acts.fork()
        case "undo":
            await screen.acts.undo()
        case "rollback":
            await screen.acts.roll_back(argument)
        case _:
            await _change_mode(screen, action, argument)


async def _change_mode(screen: "ConversationScreen", action: str, argument: str) -> None:
    match action:
        case "phi":
            await screen.modes.phi(argument)
        case "agent":
            await screen.modes.agent(argument)
        case "next_agent":
            await screen.modes.next_agent()
        case "permissions":
            await screen.modes.permissions(argument)
        case "use_model":
            await screen.modes.model(argument)
        case "compact":
            await screen.acts.compact()
        case _:
            raise LookupError(action)


def _copy_answer(screen: "ConversationScreen") -> None:
    answer = screen.acts.last_answer()
    if answer:
        screen.face.copy_to_clipboard(answer)
    else:
        screen.face.say("There is no answer to copy yet.")
