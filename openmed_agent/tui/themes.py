"""The colours: one accent, one warning, one error; and themes for strong contrast and for colour-blind users.

No state is told by colour alone. The colour-blind themes use the blue and orange of Okabe and Ito (2008), which all
common forms of colour blindness tell apart.
"""

from typing import Final

from textual.theme import Theme

DEFAULT_THEME: Final = "openmed-dark"

_QUIET: Final = {
    "block-cursor-text-style": "none",
    "footer-key-foreground": "#7fb5c4",
    "input-selection-background": "#7fb5c4 35%",
}

THEMES: Final = (
    Theme(
        name="openmed-dark",
        primary="#7fb5c4",
        secondary="#9aa5ab",
        accent="#7fb5c4",
        warning="#e0b15e",
        error="#e07a6e",
        success="#8fbf8f",
        foreground="#d9dee0",
        background="#14181a",
        surface="#1a1f22",
        panel="#22292c",
        dark=True,
        variables=_QUIET,
    ),
    Theme(
        name="openmed-light",
        primary="#1f6478",
        secondary="#5b666b",
        accent="#1f6478",
        warning="#8a5a00",
        error="#a8322a",
        success="#2d6b3a",
        foreground="#1d2427",
        background="#fbfbf9",
        surface="#f3f3f0",
        panel="#e8e9e5",
        dark=False,
        variables={**_QUIET, "footer-key-foreground": "#1f6478"},
    ),
    Theme(
        name="openmed-contrast",
        primary="#ffffff",
        secondary="#e0e0e0",
        accent="#ffff00",
        warning="#ffd000",
        error="#ff8080",
        success="#80ff80",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#1c1c1c",
        dark=True,
        text_alpha=1.0,
        variables={**_QUIET, "footer-key-foreground": "#ffff00"},
    ),
    Theme(
        name="openmed-colour-blind",
        primary="#56b4e9",
        secondary="#a8b0b4",
        accent="#56b4e9",
        warning="#e69f00",
        error="#f0724b",
        success="#56b4e9",
        foreground="#e2e6e8",
        background="#14181a",
        surface="#1a1f22",
        panel="#22292c",
        dark=True,
        variables={**_QUIET, "footer-key-foreground": "#56b4e9"},
    ),
    Theme(
        name="openmed-colour-blind-light",
        primary="#00598c",
        secondary="#5b666b",
        accent="#00598c",
        warning="#8a5200",
        error="#a63c00",
        success="#00598c",
        foreground="#1d2427",
        background="#fbfbf9",
        surface="#f3f3f0",
        panel="#e8e9e5",
        dark=False,
        variables={**_QUIET, "footer-key-foreground": "#00598c"},
    ),
)
"""All of ours; the first is the default."""
