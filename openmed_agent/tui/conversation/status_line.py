"""The line that says what holds now: PHI mode, where text would go, room in the context, and what else fits."""

import re
from dataclasses import dataclass, replace
from typing import Final

from textual.content import Content
from textual.widgets import Static

from openmed_agent.text.terminal import cell_width, terminal_safe
from openmed_agent.tui.safe_text import shown_line

NOT_LOOKED_FOR: Final = "not looked for yet"
NO_MODEL: Final = "no model"
_LONGEST_NAME: Final = 34
_LONGEST_SHORT_NAME: Final = 13
_SHORT_PLANES: Final = {"planes running": "planes ✓", "planes not started": "planes ○"}
_PORT: Final = re.compile(r"local \S+:(\d+)")
_BETWEEN: Final = " · "
_NEARLY_FULL: Final = 75


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFacts:
    """What is known; empty strings and None are what is not known yet, and are not shown."""

    phi_mode: str = ""
    destination: str = NOT_LOOKED_FOR
    remote: bool = False
    """Whether what is sent leaves this machine."""
    model: str = ""
    permission_mode: str = ""
    input_tokens: int | None = None
    window: int | None = None
    planes: str = ""
    planes_failed: bool = False
    audited: bool = False
    waiting: int = 0
    """Messages of the person that the model has not read yet."""


class StatusLine(Static):
    """One line, the most important first: in words where they fit, else shortened, and then cut from the end."""

    DEFAULT_CSS = """
    StatusLine { height: 1; padding: 0 1; color: $secondary; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.facts = StatusFacts()

    def tell(self, facts: StatusFacts) -> None:
        """Show what holds now."""
        if facts != self.facts:
            self.facts = facts
            self._fill()

    def on_resize(self) -> None:
        """Show what fits the new width."""
        self._fill()

    def _fill(self) -> None:
        width = self.size.width
        parts = status_parts(self.facts)
        if _width(parts) > width:
            parts = short_parts(self.facts)
        while len(parts) > 1 and _width(parts) > width:
            parts.pop()
        self.update(Content(_BETWEEN).join(parts))


def status_parts(facts: StatusFacts) -> list[Content]:
    """Return what the line says, the most important first."""
    parts = _first_parts(facts, _LONGEST_NAME)
    if facts.permission_mode:
        parts.append(shown_line(f"tools {facts.permission_mode}"))
    if facts.planes and not facts.planes_failed:
        parts.append(shown_line(facts.planes))
    if facts.audited:
        parts.append(Content("audit on"))
    return parts


def short_parts(facts: StatusFacts) -> list[Content]:
    """Return the same in the fewest words, with marks for the usual states of the planes; the destination stays."""
    parts = _first_parts(replace(facts, destination=_PORT.sub(r"local:\1", facts.destination)), _LONGEST_SHORT_NAME)
    if facts.permission_mode:
        parts.append(shown_line(facts.permission_mode))
    if facts.planes and not facts.planes_failed:
        parts.append(shown_line(_SHORT_PLANES.get(facts.planes, facts.planes)))
    if facts.audited:
        parts.append(Content("audit ✓"))
    return parts


def _first_parts(facts: StatusFacts, longest_name: int) -> list[Content]:
    """Return what is said first in any width: what leaves and where to, what is wrong, what waits."""
    parts = [_privacy(facts)]
    if (context := _context(facts)) is not None:
        parts.append(context)
    if facts.planes_failed:
        parts.append(shown_line(facts.planes, "$error"))
    if facts.waiting:
        parts.append(Content.styled(f"{facts.waiting} waiting", "$accent"))
    if facts.model:
        parts.append(shown_line(_short(facts.model, longest_name)))
    return parts


def _width(parts: list[Content]) -> int:
    return sum(cell_width(part.plain) for part in parts) + len(_BETWEEN) * (len(parts) - 1)


def _privacy(facts: StatusFacts) -> Content:
    unprotected = facts.phi_mode == "full" and facts.remote
    style: Final = "$warning bold" if unprotected else "$accent bold"
    mode = shown_line(f"PHI {facts.phi_mode}" if facts.phi_mode else "PHI …", style)
    destination = shown_line(_ending(facts.destination, _LONGEST_NAME), "$warning" if facts.remote else "")
    return Content.assemble(mode, " ▸ ", destination)


def _context(facts: StatusFacts) -> Content | None:
    """Return how full the model's context is; a share only where its window is known."""
    if facts.input_tokens is None:
        return None
    if not facts.window:
        return Content(f"{facts.input_tokens:,} tokens")
    share = round(100 * facts.input_tokens / facts.window)
    return Content.styled(f"{share}% ctx", "$warning" if share >= _NEARLY_FULL else "")


def _ending(text: str, longest: int) -> str:
    """Return the end of a host's name where it is too long: what it begins with anybody can choose."""
    safe = terminal_safe(text, single_line=True)
    return safe if len(safe) <= longest else f"…{safe[1 - longest :]}"


def _short(text: str, longest: int) -> str:
    safe = terminal_safe(text, single_line=True)
    return safe if len(safe) <= longest else f"{safe[: longest - 1]}…"
