import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import release_files as made

from openmed_agent.errors import NotPermittedError, UnavailableError
from openmed_agent.net.clients import DestinationKind, Outbound, discard_outbound, make_client
from openmed_agent.planes.codes.progress import Progress, ignore_progress
from openmed_agent.planes.codes.releases.download import RXNORM_PATH, downloaded_rxnorm
from openmed_agent.planes.codes.releases.install import install_release


class Library(ThreadingHTTPServer):
    """A real server that sends what a test says, the rest of it where it is asked so by the conditions of RFC 9110."""

    body = b""
    status = 200
    announced: int | None = None
    tag: str | None = None
    cut_after: int | None = None
    range_shift = 0

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.asked: list[str | None] = []

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: Library

    def do_GET(self) -> None:
        assert self.path == RXNORM_PATH
        library, asked = self.server, self.headers.get("Range")
        library.asked.append(asked)
        is_part = asked is not None and self.headers["If-Range"] == library.tag
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked is not None and is_part else 0
        self.send_response(206 if is_part else library.status)
        if is_part:
            said = start + library.range_shift
            self.send_header("Content-Range", f"bytes {said}-{len(library.body) - 1}/{len(library.body)}")
        if library.tag is not None:
            self.send_header("ETag", library.tag)
        if library.status == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", str(library.announced or len(library.body) - start))
        self.end_headers()
        self.wfile.write(library.body[start : library.cut_after])

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
    assert left(tmp_path) == set()


def left(index: Path) -> set[str]:
    return {path.name for path in (index / "releases").iterdir() if not path.name.endswith(".lock")}


async def fetched(library: Library, index: Path) -> bytes:
    async with downloaded_rxnorm(index, progress=ignore_progress, sink=discard_outbound, origin=library.origin) as file:
        return file.read_bytes()


async def interrupted(library: Library, index: Path, after: int) -> None:
    library.cut_after = after
    with pytest.raises(UnavailableError, match="connection"):
        await fetched(library, index)
    library.cut_after = None


@pytest.fixture
def release(library: Library, tmp_path: Path) -> bytes:
    library.body = made.prescribable(tmp_path).read_bytes()
    library.tag = '"of November"'
    return library.body


async def test_an_interrupted_download_goes_on(library: Library, release: bytes, tmp_path: Path) -> None:
    await interrupted(library, tmp_path, 1_000)
    await interrupted(library, tmp_path, 1_500)
    assert left(tmp_path) >= {".rxnorm-download.zip", ".rxnorm-download.json"}
    assert await fetched(library, tmp_path) == release
    assert library.asked == [None, "bytes=999-", "bytes=1499-"]
    assert left(tmp_path) == set()


async def test_a_release_that_changed_meanwhile_is_fetched_anew(
    library: Library, release: bytes, tmp_path: Path
) -> None:
    await interrupted(library, tmp_path, 1_000)
    library.tag, library.body = '"of December"', release[::-1][:-2] + release
    assert await fetched(library, tmp_path) == library.body
    assert library.asked == [None, "bytes=999-"]


async def test_a_server_that_goes_on_elsewhere_is_not_believed(
    library: Library, release: bytes, tmp_path: Path
) -> None:
    await interrupted(library, tmp_path, 1_000)
    library.range_shift = 1
    with pytest.raises(UnavailableError, match="did not go on where"):
        await fetched(library, tmp_path)
    assert left(tmp_path) == set()
    assert await fetched(library, tmp_path) == release


async def test_a_server_that_does_not_name_its_release_is_asked_for_all_of_it(
    library: Library, release: bytes, tmp_path: Path
) -> None:
    for tag in (None, 'W/"weak"'):
        library.tag = tag
        await interrupted(library, tmp_path, 1_000)
        assert left(tmp_path) == set()
    assert await fetched(library, tmp_path) == release
    assert set(library.asked) == {None}


async def test_a_download_stays_while_its_installation_can_be_repeated(
    library: Library, release: bytes, tmp_path: Path
) -> None:
    downloaded = downloaded_rxnorm(tmp_path, progress=ignore_progress, sink=discard_outbound, origin=library.origin)
    with pytest.raises(KeyboardInterrupt):
        async with downloaded:
            raise KeyboardInterrupt
    assert await fetched(library, tmp_path) == release
    assert library.asked == [None, f"bytes={len(release) - 1}-"]


async def test_two_downloads_at_once_are_refused(library: Library, release: bytes, tmp_path: Path) -> None:
    async with downloaded_rxnorm(tmp_path, progress=ignore_progress, sink=discard_outbound, origin=library.origin):
        with pytest.raises(UnavailableError, match="Another process is downloading"):
            await fetched(library, tmp_path)
    assert release


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
