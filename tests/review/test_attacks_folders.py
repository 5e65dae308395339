"""Hostile folders: what lies in the way of the staging folder, and paths that lead somewhere else."""

import os
import sys
from pathlib import Path

import pytest
from review_samples import NOON, SITE, Ward

from openmed_agent.errors import InputError
from openmed_agent.workflows.bundle_folder import staging_name
from openmed_agent.workflows.finalize import finalize, recover
from openmed_agent.workflows.verify import verify_bundle

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux")


def lay(staging: Path, kind: str) -> None:
    match kind:
        case "file":
            staging.write_text("mine")
        case "folder in it":
            (staging / "summary.md").mkdir(parents=True)
        case "another user's":
            staging.mkdir()
            os.chown(staging, 12345, 12345)


@pytest.mark.parametrize("kind", ["file", "folder in it", "another user's"])
def test_what_this_program_did_not_leave_stops_the_writing_and_stays(ward: Ward, kind: str) -> None:
    if kind == "another user's" and os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    token = ward.sign(ward.reviewed())
    staging = ward.out / staging_name(token.statement.nonce)
    lay(staging, kind)
    with pytest.raises(InputError, match="did not leave there lies in the way") as caught:
        finalize(ward.store, token, home=ward.home, now=NOON, policy=SITE)
    assert str(staging) in str(caught.value)
    assert [path.name for path in ward.out.iterdir()] == [staging.name]
    staging.rename(ward.out / "aside")
    assert [outcome.state for outcome in recover(ward.store, home=ward.home)] == ["committed"]
    assert verify_bundle(ward.out / "bundle", {}).ok
    assert sorted(path.name for path in ward.out.iterdir()) == ["aside", "bundle"]


def test_links_and_pipes_in_a_staging_folder_are_removed_and_never_followed(ward: Ward, tmp_path: Path) -> None:
    token = ward.sign(ward.reviewed())
    staging = ward.out / staging_name(token.statement.nonce)
    staging.mkdir()
    mine = tmp_path / "mine"
    mine.write_text("not to be touched")
    (staging / "summary.md").symlink_to(mine)
    os.link(mine, staging / "summary.json")
    os.mkfifo(staging / "manifest.json")
    finalize(ward.store, token, home=ward.home, now=NOON, policy=SITE)
    assert mine.read_text() == "not to be touched"
    assert verify_bundle(ward.out / "bundle", {}).ok
    assert not any(path.is_symlink() or path.stat().st_nlink > 1 for path in (ward.out / "bundle").iterdir())


@linux
@pytest.mark.parametrize(
    "way", ["/proc/self/fd/{fd}", "/proc/{pid}/fd/{fd}", "/proc/{pid}/root{out}", "/proc/{pid}/cwd"]
)
def test_no_link_of_the_kernel_leads_to_a_destination(ward: Ward, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ward.out)
    session = ward.reviewed()
    descriptor = os.open(ward.out, os.O_RDONLY)
    try:
        folder = way.format(fd=descriptor, pid=os.getpid(), out=ward.out)
        assert Path(folder).is_dir()
        with pytest.raises(InputError, match="symbolic link"):
            ward.sign(session, f"{folder}/bundle")  # an absolute name takes the place of the folder before it
    finally:
        os.close(descriptor)
    assert list(ward.out.iterdir()) == []


def test_the_longest_name_is_written_and_one_more_byte_is_refused(ward: Ward) -> None:
    session = ward.reviewed()
    with pytest.raises(InputError, match="too long"):
        ward.sign(session, "é" * 100 + "x")
    done = finalize(ward.store, ward.sign(session, "é" * 100), home=ward.home, now=NOON, policy=SITE)
    assert verify_bundle(done.destination, {}).ok
