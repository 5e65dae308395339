"""Who may speak to the server: a browser on this machine that was given the address, on a page of this server.

The secret is part of the path, not a cookie: a browser would send a cookie to every port of this machine. A page of
another site can neither know the path nor name this server as its own, whatever its name resolves to.
"""

import hmac
from collections.abc import Mapping
from typing import Final

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
"""On every answer."""


class Guard:
    """Knows the secret of one server and the names that it answers to."""

    def __init__(self, token: str, port: int) -> None:
        self._token = token.encode()
        self._hosts = frozenset((f"127.0.0.1:{port}", f"localhost:{port}"))

    def admits(self, path_token: str, headers: Mapping[str, str], *, socket: bool = False) -> bool:
        """Tell whether a request may be answered; a websocket must also say from which page it comes."""
        host, origin = headers.get("Host", ""), headers.get("Origin")
        known = hmac.compare_digest(path_token.encode(errors="replace"), self._token)
        of_here = host in self._hosts and headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
        own_page = not socket if origin is None else origin == f"http://{host}"
        return known and of_here and own_page


def page_policy(host: str) -> str:
    """Return the content policy of the page: its own files, its own websocket, no other window, no other site."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src data:; "
        f"connect-src ws://{host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "sandbox allow-scripts allow-same-origin"
    )
