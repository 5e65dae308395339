import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import release_files as made

from openmed_agent.errors import NotPermittedError, UnavailableError
from openmed_agent.net.clients import DestinationKind, Outbound, discard_outbound, make_client
from openmed_agent.planes.codes.progress import Progress, ignore_progress
from openmed_agent.planes.codes.releases.download import RXNORM_PATH, downloaded_rxnorm
from openmed_agent.planes.codes.releases.install import install_release


class Library(ThreadingHTTPServer):
    """A real server that sends what a test says."""

    body = b""
    status = 200
    announced: int | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: Library

    def do_GET(self) -> None:
        assert self.path == RXNORM_PATH
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", str(self.server.announced or len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def library() -> Iterator[Library]:
    server = Library(("127.0.0.1", 0), _Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join(10)
    server.server_close()


async def test_a_download_is_installed_and_leaves_nothing_else(library: Library, tmp_path: Path) -> None:
    members = made.rxnorm_members() | {"Readme_Full_Prescribe_11022026.txt": "read me"}
    library.body = made.write_zip(tmp_path / "r.zip", members).read_bytes()
    index, steps, sent = tmp_path / "index", list[Progress](), list[Outbound]()
    async with downloaded_rxnorm(index, progress=steps.append, sink=sent.append, origin=library.origin) as file:
        release, _ = install_release("rxnorm", file, index, version=None, progress=ignore_progress)
    assert (release.version, release.complete) == ("2026-11-02", False)
    assert steps[-1].done == steps[-1].total == len(library.body)
    assert [(out.kind, out.sent_bytes) for out in sent] == [(DestinationKind.UPDATE, 0)]
    assert list((index / "releases").glob(".*")) == []


@pytest.mark.parametrize(
    ("status", "body", "announced", "words"),
    [
        (404, b"no", None, "it answered 404"),
        (302, b"", None, "it answered 302"),
        (200, b"<html>maintenance</html>", None, "no zip archive"),
        (200, b"PK" + b"x" * 100, 10_000, "connection"),
        (200, b"x" * 3_000, None, "larger than"),
        (200, b"x", 10**12, "larger than"),
    ],
)
async def test_what_is_no_release_is_one_sentence(
    library: Library, tmp_path: Path, status: int, body: bytes, announced: int | None, words: str
) -> None:
    library.status, library.body, library.announced = status, body, announced
    most = 2_000 if "larger" in words else 100_000
    with pytest.raises(UnavailableError, match=words):
        async with downloaded_rxnorm(
            tmp_path, progress=ignore_progress, sink=discard_outbound, origin=library.origin, most_bytes=most
        ):
            raise AssertionError("nothing was downloaded")
    assert list((tmp_path / "releases").iterdir()) == []


async def test_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="use --from"):
        async with downloaded_rxnorm(
            tmp_path, progress=ignore_progress, sink=discard_outbound, origin="http://127.0.0.1:9"
        ):
            raise AssertionError("nothing was downloaded")


@pytest.mark.parametrize(
    "origin",
    ["https://example.org", "http://download.nlm.nih.gov", "https://download.nlm.nih.gov.evil.org",
     "https://download.nlm.nih.gov:8443", "https://nlm.nih.gov"],
)  # fmt: skip
async def test_releases_come_from_the_library_only(origin: str) -> None:
    with pytest.raises(NotPermittedError, match="only"):
        make_client(DestinationKind.UPDATE, origin, headers={}, timeout_seconds=1, sink=discard_outbound)
    allowed = make_client(
        DestinationKind.UPDATE, "https://download.nlm.nih.gov", headers={}, timeout_seconds=1, sink=discard_outbound
    )
    await allowed.aclose()
