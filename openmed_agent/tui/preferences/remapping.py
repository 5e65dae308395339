"""Which key may be given to which act: no two acts that can be asked for at the same place share one."""

import re
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
_FUNCTION: Final = re.compile(r"f\d{1,2}")
_MOVING: Final = frozenset({"tab", "enter", "insert", "pageup", "pagedown"})
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


def usable_keys(wanted: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return of the keys that a file gives to acts those that they can have, and the names of the others.

    A file is edited by hand: a plain letter there could make it impossible to type, and a key given twice, to leave.
    """
    acts = {one.identifier: one for one in EVERY}
    usable = {name: keys for name, keys in wanted.items() if name in acts and not _stops_typing(acts[name], keys)}
    while clashing := next((name for name in usable if _clashes(acts[name], usable)), None):
        del usable[clashing]
    return usable, tuple(name for name in wanted if name not in usable)


def _stops_typing(act: KeyAction, keys: str) -> bool:
    return act.place in _TYPED_PLACES and any(_is_typed(key) for key in keys.split(","))


def _clashes(act: KeyAction, remapped: Mapping[str, str]) -> bool:
    """Tell whether a remapped act shares a key with another one that holds at the same place."""
    own = {*keys_of(act, remapped)}
    others = (one for one in EVERY if one.identifier != act.identifier and _meet(act.place, one.place))
    return any(own & {*keys_of(one, remapped)} for one in others)


def _is_typed(key: str) -> bool:
    return "+" not in key and not _FUNCTION.fullmatch(key) and key not in _MOVING


def keys_of(act: KeyAction, remapped: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys that an act has now."""
    return tuple(remapped.get(act.identifier, act.keys).split(","))


def _meet(first: str, second: str) -> bool:
    if _ANYWHERE in (first, second) or first == second:
        return True
    return any({first, second} <= group for group in _TOGETHER)
