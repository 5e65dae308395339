"""`openmed web`, spoken to as browsers and strangers speak: loopback only, an address that is a secret, own pages."""

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from terminal_driver import OPENMED, command_line, descendants, environment, installation, is_running, wait_until

aiohttp = pytest.importorskip("aiohttp")
pytest.importorskip("textual_serve")
pytestmark = pytest.mark.asyncio(loop_scope="module")

PROMPT = b"sk, or type"


class Served:
    """One server, its address taken apart."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.address = process.stdout.readline().strip()
        found = re.fullmatch(r"(http://127\.0\.0\.1:(\d+))/([\w-]{40,})/", self.address)
        assert found, self.address
        self.origin, self.port, self.token = found[1], int(found[2]), found[3]
        self.socket = f"ws://127.0.0.1:{self.port}/{self.token}/ws"

    def screens(self) -> set[int]:
        return {pid for pid in descendants(self.process.pid) if "cli.web_viewer" in command_line(pid)}


def serve(folder: Path) -> subprocess.Popen[str]:
    home = folder / "o"
    variables = environment(home if home.exists() else installation(home), NO_COLOR="1")
    return subprocess.Popen(
        (OPENMED, "web"), env=variables, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    with serve(tmp_path_factory.mktemp("web")) as process:
        yield Served(process)
        process.kill()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator["aiohttp.ClientSession"]:
    async with aiohttp.ClientSession() as session:
        yield session


async def read_until(socket: "aiohttp.ClientWebSocketResponse", wanted: bytes) -> bytes:
    seen = b""
    async with asyncio.timeout(30):
        while wanted not in seen:
            message = await socket.receive()
            assert message.type is aiohttp.WSMsgType.BINARY, message
            seen += message.data
    return seen


async def test_the_page_and_all_that_it_loads_come_from_here(served: Served, browser: "aiohttp.ClientSession") -> None:
    async with browser.get(served.address) as answer:
        text, headers = await answer.text(), answer.headers
    assert answer.status == 200
    assert set(re.findall(r"\b(?:https?|wss?)://[^\s\"'<>]+", text)) == {served.socket}
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "allow-popups" not in policy
    assert f"connect-src ws://127.0.0.1:{served.port};" in policy
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")
    loaded = {name for name in re.findall(r'(?:src|href)="([^"]+)"', text) if not name.startswith("data:")}
    assert loaded == {"textual.js", "focus.js", "xterm.css", "mono.ttf"}
    for name in loaded:
        async with browser.get(served.address + name) as answer:
            content = await answer.read()
            assert (answer.status, len(content) > 100) == (200, True)
            if name.endswith((".js", ".css")):
                assert b"googleapis" not in content
                assert b"@import" not in content


STRANGERS = {
    "no secret": ("/", {}),
    "another secret": (f"/{'a' * 43}/", {}),
    "a secret cut short": ("/{token:.20}/", {}),
    "a name that resolves here": ("/{token}/", {"Host": "evil.example:{port}"}),
    "this machine's name with another port": ("/{token}/", {"Host": "127.0.0.1:1"}),
    "a page of another site": ("/{token}/", {"Origin": "http://evil.example"}),
    "another page of this machine": ("/{token}/", {"Origin": "http://127.0.0.1:1"}),
    "a fetch across sites": ("/{token}/", {"Sec-Fetch-Site": "cross-site"}),
    "a fetch from another port": ("/{token}/textual.js", {"Sec-Fetch-Site": "same-site"}),
    "a file that is not of the page": ("/{token}/server.py", {}),
    "a path that climbs": ("/{token}/..%2f..%2fserver.py", {}),
}


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_strangers_find_nothing(served: Served, browser: "aiohttp.ClientSession", stranger: str) -> None:
    path, headers = STRANGERS[stranger]
    names = {"token": served.token, "port": served.port}
    url = served.origin + path.format_map(names)
    sent = {name: value.format_map(names) for name, value in headers.items()}
    async with browser.get(url, headers=sent) as answer:
        assert (answer.status, await answer.text()) == (404, "404: Not Found")


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://localhost:1", "https://127.0.0.1"])
async def test_a_socket_that_comes_from_no_page_of_ours_is_refused_and_starts_nothing(
    served: Served, browser: "aiohttp.ClientSession", origin: str | None
) -> None:
    headers = {} if origin is None else {"Origin": origin}
    before = served.screens()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await browser.ws_connect(served.socket, headers=headers)
    assert refused.value.status == 404
    assert served.screens() == before


def listening(table: str) -> list[str]:
    """Return the addresses of listening sockets as the kernel writes them."""
    lines = Path("/proc/net", table).read_text().splitlines()[1:]
    return [line.split()[1] for line in lines if line.split()[3] == "0A"]


async def test_it_listens_on_this_machine_only(served: Served) -> None:
    port = f":{served.port:04X}"
    everywhere = [*listening("tcp"), *listening("tcp6")]
    assert [address for address in everywhere if address.endswith(port)] == [f"0100007F{port}"]


async def test_each_window_is_a_screen_of_its_own_that_ends_with_it(
    served: Served, browser: "aiohttp.ClientSession"
) -> None:
    own = {"Origin": served.origin}
    async with browser.ws_connect(f"{served.socket}?width=90&height=20", headers=own) as first:
        shown = await read_until(first, PROMPT)
        assert re.search(rb"\x1b\[[\d;]*38;2;", shown)  # colours: NO_COLOR is about the terminal of the server
        (screen,) = served.screens()
        await first.send_json(["stdin", "ß"])
        await read_until(first, "ß".encode())
        await first.send_json(["resize", {"width": 70, "height": 18}])
        await read_until(first, b"\x1b[18;1H")
        await first.send_json(["ping", 7])
        while (message := await first.receive()).type is not aiohttp.WSMsgType.TEXT:
            pass
        assert message.json() == ["pong", 7]
        async with browser.ws_connect(served.socket, headers=own) as second:
            await read_until(second, PROMPT)
            assert len(served.screens()) == 2
            await second.send_json({"no": "message"})
            async with asyncio.timeout(20):
                while (await second.receive()).type is not aiohttp.WSMsgType.CLOSE:
                    pass
        await asyncio.to_thread(wait_until, lambda: served.screens() == {screen})
    await asyncio.to_thread(wait_until, lambda: not served.screens())


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 0), (signal.SIGKILL, -9)])
async def test_the_end_of_the_server_ends_every_screen(
    tmp_path: Path, browser: "aiohttp.ClientSession", number: signal.Signals, status: int
) -> None:
    with serve(tmp_path) as process:
        served = Served(process)
        async with browser.ws_connect(served.socket, headers={"Origin": served.origin}) as socket:
            await read_until(socket, PROMPT)
            below = list(descendants(process.pid))
            assert len(below) > 1
            process.send_signal(number)
            assert await asyncio.to_thread(process.wait, 20) == status
        await asyncio.to_thread(wait_until, lambda: not any(is_running(pid) for pid in below))


async def test_without_its_packages_it_says_how_to_have_them() -> None:
    script = (
        "import sys; sys.modules['aiohttp'] = None; from openmed_agent.cli.main import main; sys.exit(main(['web']))"
    )
    ran = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stderr=subprocess.PIPE)
    said = (await ran.communicate())[1].decode()
    assert ran.returncode == 5
    assert "pip install textual-serve" in said
