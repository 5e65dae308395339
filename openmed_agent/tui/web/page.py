"""The page that a browser shows: everything on it comes from this server."""

from html import escape
from importlib.resources import files
from typing import Final

ASSETS: Final = {
    "xterm.css": ("css/xterm.css", "text/css"),
    "textual.js": ("js/textual.js", "text/javascript"),
    "mono.ttf": ("fonts/RobotoMono-VariableFont_wght.ttf", "font/ttf"),
}
"""What the page loads, of the files that textual-serve brings."""

_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>OpenMed</title>
<link rel="icon" href="data:,">
<link rel="preload" href="mono.ttf" as="font" type="font/ttf" crossorigin>
<link rel="stylesheet" href="xterm.css">
<style>
@font-face {{ font-family: "Roboto Mono"; src: url("mono.ttf"); }}
html, body {{ margin: 0; height: 100%; background: #101418; color: #d6dbe0; font: 16px "Roboto Mono", monospace; }}
.textual-terminal {{ width: 100vw; height: 100vh; }}
.word {{ position: absolute; inset: 0; display: flex; align-items: center; justify-content: center; }}
.gone {{ display: none; background: #101418; z-index: 20; }}
body.-first-byte .wait {{ display: none; }}
body.-closed .gone {{ display: flex; }}
</style>
<body>
<div class="word wait">OpenMed starts.</div>
<div class="word gone">This window has ended. Your session is kept: load the page again to go on.</div>
<div id="terminal" class="textual-terminal" data-session-websocket-url="{socket}" data-font-size="16"></div>
<script src="textual.js"></script>
<script src="focus.js"></script>
</body>
</html>
"""

_FOCUS_NAME: Final = "focus.js"
_FOCUS: Final = """"use strict";
const listen = () => document.querySelector(".xterm-helper-textarea")?.focus();
new MutationObserver(listen).observe(document.body, { attributeFilter: ["class"] });
window.addEventListener("focus", listen);
"""
"""Gives the keys to the screen as soon as it shows something, and whenever the window is gone to: no click needed."""


def page(socket: str) -> str:
    """Return the page, which speaks with the address of a websocket."""
    return _PAGE.format(socket=escape(socket, quote=True))


def asset(name: str) -> tuple[bytes, str] | None:
    """Return a file of the page with its media type, or None."""
    if name == _FOCUS_NAME:
        return _FOCUS.encode(), "text/javascript"
    found = ASSETS.get(name)
    if found is None:
        return None
    path, media_type = found
    return files("textual_serve").joinpath("static", *path.split("/")).read_bytes(), media_type
