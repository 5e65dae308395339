import errno
import os
import stat
from pathlib import Path

import pytest

from openmed_agent.errors import StoreError
from openmed_agent.secrets.private_files import (
    make_private_folder,
    read_private_file,
    storage_failure,
    write_private_file,
)


def test_a_file_is_replaced_whole_and_stays_private(tmp_path: Path) -> None:
    path = tmp_path / "file"
    before = os.umask(0)
    try:
        write_private_file(path, b"first, and longer")
        write_private_file(path, b"second")
    finally:
        os.umask(before)
    assert read_private_file(path) == b"second"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_planted_link_is_neither_followed_nor_kept(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"of someone else")
    folder = tmp_path / "folder"
    make_private_folder(folder)
    (folder / "file.new").symlink_to(victim)
    (folder / "file").symlink_to(victim)
    write_private_file(folder / "file", b"ours")
    assert victim.read_bytes() == b"of someone else"
    assert not (folder / "file").is_symlink()
    assert read_private_file(folder / "file") == b"ours"


def test_a_file_that_is_not_there_is_none_and_a_huge_one_an_error(tmp_path: Path) -> None:
    assert read_private_file(tmp_path / "none") is None
    huge = tmp_path / "huge"
    write_private_file(huge, b"")
    os.truncate(huge, 1 << 30)
    with pytest.raises(StoreError, match="too large"):
        read_private_file(huge)


def test_a_folder_that_was_open_is_closed_and_those_above_it_stay(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "sessions").mkdir(parents=True)
    root.chmod(0o755)
    (root / "sessions").chmod(0o777)
    make_private_folder(root / "sessions")
    assert stat.S_IMODE((root / "sessions").stat().st_mode) == 0o700
    assert stat.S_IMODE(root.stat().st_mode) == 0o755


@pytest.mark.parametrize("code", sorted(errno.errorcode))
def test_every_failure_of_a_disk_is_one_sentence_with_a_way_out(code: int) -> None:
    failure = storage_failure(OSError(code, "text of the system"), Path("/somewhere/file"))
    assert "/somewhere/file" in failure.message
    assert failure.message.endswith(".")
    assert failure.remedy
    assert failure.exit_status == 6
