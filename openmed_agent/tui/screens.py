"""Which screen has which name. Each is imported when it is first opened, so the first prompt waits for none."""

from textual.screen import Screen


def make_screen(name: str) -> Screen[None]:
    """Return a new screen by its name, such as ``sessions``."""
    match name:
        case "help":
            from openmed_agent.tui.help.screen import HelpScreen

            return HelpScreen()
        case "sessions":
            from openmed_agent.tui.sessions.screen import SessionsScreen

            return SessionsScreen()
        case "models":
            from openmed_agent.tui.models.screen import ModelsScreen

            return ModelsScreen()
        case _:
            raise LookupError(name)
