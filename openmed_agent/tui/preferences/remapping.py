"""Which key may be given to which act: no two acts that can be asked for at the same place share one."""

from collections.abc import Mapping
from typing import Final

from openmed_agent.tui.keymap import EVERY, KeyAction

_ANYWHERE: Final = "everywhere"
_TOGETHER: Final = (
    frozenset({"conversation", "prompt"}),
    *(
        frozenset({"lists", place})
        for place in ("sessions", "models", "settings", "key map", "audit", "drafts", "skills")
    ),
)
"""Places whose keys hold at the same time."""

_ALWAYS: Final = {
    "escape": "esc always goes back or interrupts",
    "ctrl+c": "^C always interrupts, copies or goes back",
    "enter": "⏎ always sends or chooses",
    "up": "↑ always moves",
    "down": "↓ always moves",
}
_NEVER_MOVED: Final = frozenset({"chat.interrupt", "prompt.send"})
_TYPED_PLACES: Final = frozenset({_ANYWHERE, "conversation", "prompt", "first steps"})


def refusal(act: KeyAction, key: str, *, printable: bool, remapped: Mapping[str, str]) -> str:
    """Return why an act cannot have a key, as a sentence; empty where it can."""
    if act.identifier in _NEVER_MOVED:
        return f"The key for “{act.description}” stays as it is, so that it is there in every case."
    if key in _ALWAYS:
        return f"{_ALWAYS[key]}, so it cannot be given away."
    if printable and act.place in _TYPED_PLACES:
        return "Where text is typed, a plain letter cannot be a command. Press it with Ctrl, or take a function key."
    for other in EVERY:
        if other.identifier != act.identifier and _meet(act.place, other.place) and key in keys_of(other, remapped):
            return f"{key} is the key for “{other.description}” ({other.place}) already."
    return ""


def keys_of(act: KeyAction, remapped: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys that an act has now."""
    return tuple(remapped.get(act.identifier, act.keys).split(","))


def _meet(first: str, second: str) -> bool:
    if _ANYWHERE in (first, second) or first == second:
        return True
    return any({first, second} <= group for group in _TOGETHER)
