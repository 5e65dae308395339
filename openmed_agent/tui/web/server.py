"""Serves the screen to a browser on this machine: one process a window, on loopback only, behind a random address."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

from aiohttp import WSMsgType, web

from openmed_agent.tui.web.guard import HEADERS, Guard, page_policy
from openmed_agent.tui.web.page import asset, page
from openmed_agent.tui.web.viewers import Viewer, open_viewer

_ADDRESS: Final = "127.0.0.1"
_MOST_WINDOWS: Final = 8
_LARGEST_MESSAGE: Final = 16 << 20
_LARGEST_SIDE: Final = 1000


class WebFace:
    """The server, whose windows each run ``command``; it runs between ``start`` and ``close``."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._token = secrets.token_urlsafe(32)
        self._guard: Guard | None = None
        self._windows = 0
        self._sockets: set[web.WebSocketResponse] = set()
        self._runner: web.AppRunner | None = None

    async def start(self, port: int) -> str:
        """Listen on a port of this machine, any free one for 0, and return the address to open.

        Raises:
            OSError: the port is taken.

        """
        application = web.Application(client_max_size=1)
        application.add_routes(
            [
                web.get("/{token}/", self._page),
                web.get("/{token}/ws", self._socket),
                web.get("/{token}/{name}", self._asset),
            ]
        )
        application.on_response_prepare.append(_add_headers)
        self._runner = web.AppRunner(application, access_log=None, handle_signals=False)
        await self._runner.setup()
        await web.TCPSite(self._runner, _ADDRESS, port).start()
        bound = int(self._runner.addresses[0][1])
        self._guard = Guard(self._token, bound)
        return f"http://{_ADDRESS}:{bound}/{self._token}/"

    async def close(self) -> None:
        """End every window and stop listening."""
        await asyncio.gather(*(socket.close() for socket in tuple(self._sockets)))
        if self._runner is not None:
            await self._runner.cleanup()

    async def _page(self, request: web.Request) -> web.StreamResponse:
        self._check(request)
        socket = f"ws://{request.host}/{self._token}/ws"
        policy = {"Content-Security-Policy": page_policy(request.host)}
        return web.Response(text=page(socket), content_type="text/html", headers=policy)

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        self._check(request)
        found = asset(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        content, media_type = found
        return web.Response(body=content, content_type=media_type)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        self._check(request, socket=True)
        if self._windows >= _MOST_WINDOWS:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(heartbeat=15, max_msg_size=_LARGEST_MESSAGE)
        await socket.prepare(request)
        self._windows += 1
        self._sockets.add(socket)
        try:
            viewer = await open_viewer(self._command, width=_side(request, "width"), height=_side(request, "height"))
            try:
                await _connect(socket, viewer)
            finally:
                await viewer.stop()
        finally:
            self._windows -= 1
            self._sockets.discard(socket)
            await socket.close()
        return socket

    def _check(self, request: web.Request, *, socket: bool = False) -> None:
        """Answer as if there were nothing, unless the guard admits the request."""
        guard = self._guard
        if guard is None or not guard.admits(request.match_info["token"], request.headers, socket=socket):
            raise web.HTTPNotFound


async def _connect(socket: web.WebSocketResponse, viewer: Viewer) -> None:
    """Carry keys one way and the screen the other until either side ends."""
    sides = {asyncio.create_task(_keys(socket, viewer)), asyncio.create_task(_screen(socket, viewer))}
    try:
        await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for side in sides:
            side.cancel()
        await asyncio.gather(*sides, return_exceptions=True)


async def _screen(socket: web.WebSocketResponse, viewer: Viewer) -> None:
    with suppress(ConnectionError):
        async for content in viewer.output():
            await socket.send_bytes(content)


async def _keys(socket: web.WebSocketResponse, viewer: Viewer) -> None:
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            return
        try:
            await _take(json.loads(message.data), socket, viewer)
        except (ValueError, LookupError, TypeError):
            return  # no message of our page: this window ends


async def _take(message: list[object], socket: web.WebSocketResponse, viewer: Viewer) -> None:
    match message:
        case ["stdin", str(text)]:
            await viewer.type(text)
        case ["resize", {"width": int(width), "height": int(height)}]:
            await viewer.tell("resize", width=_within(width), height=_within(height))
        case ["ping", data]:
            await socket.send_json(["pong", data])
        case ["blur" | "focus" as kind, *_]:
            await viewer.tell(str(kind))
        case _:
            raise ValueError


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
    response.headers["Server"] = "openmed"


def _side(request: web.Request, name: str) -> int:
    value = request.query.get(name, "")
    return _within(int(value)) if value.isdecimal() and len(value) <= len(str(_LARGEST_SIDE)) else 80


def _within(cells: int) -> int:
    return max(1, min(cells, _LARGEST_SIDE))


async def serve_until(face: WebFace, port: int, ended: Awaitable[object], told: Callable[[str], None]) -> None:
    """Serve until ``ended``; the address is told as soon as it is there.

    Raises:
        OSError: the port is taken.

    """
    told(await face.start(port))
    try:
        await ended
    finally:
        await face.close()
