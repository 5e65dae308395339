"""Keys that go from field to field."""

from typing import Final

from textual.binding import Binding, BindingType

FIELD_KEYS: Final[tuple[BindingType, ...]] = (
    Binding("tab", "app.focus_next", show=False, priority=True),
    Binding("shift+tab", "app.focus_previous", show=False, priority=True),
)
"""With priority they act before the next key is handed on: what is typed at once behind Tab, such as a passphrase that
a password manager types, never shows up in the field before."""
