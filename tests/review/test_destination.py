import os
from pathlib import Path

import pytest
from review_samples import Ward

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.workflows.approval_destination import (
    check_destination,
    check_destination_text,
    open_parent,
    resolve_destination,
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "//",
        "bundle",
        "./bundle",
        "~/bundle",
        "../bundle",
        "/srv/../etc/bundle",
        "/srv/..",
        "/srv/.",
        "/srv/./bundle",
        "/srv//bundle",
        "/srv/bundle/",
        "//server/share",
        "/srv/bun\x00dle",
        "/srv/bun\ndle",
        "/srv/\x1b[2J",
        "/srv/\u202eelbat",
        "/srv/\u200bbundle",
        "/srv/\udcff",
        "/srv/" + "x" * 201,
        "/srv" + "/x" * 3000,
        "C:\\bundle",
    ],
)
def test_what_is_no_plain_absolute_path_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        check_destination_text(text)
    with pytest.raises(InputError):
        check_destination(text, home=tmp_path)


def test_what_a_person_means_is_resolved_before_it_is_signed(
    ward: Ward, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "alias").symlink_to(ward.out)
    expected = str(ward.out.resolve() / "bundle")
    monkeypatch.chdir(ward.home)
    for path in ("alias/bundle", "out/bundle", "home/../out/bundle"):
        assert resolve_destination(tmp_path / path) == expected
    assert resolve_destination(Path("../out/bundle")) == expected
    check_destination(expected, home=ward.home)
    # The destination itself is never resolved: what has its name is in the way.
    (ward.out / "link").symlink_to(ward.home)
    assert resolve_destination(ward.out / "link") == str(ward.out.resolve() / "link")


@pytest.mark.parametrize("path", ["/", "missing/bundle", "..", "~nobody-by-this-name/bundle", "\x00/bundle"])
def test_what_names_no_new_folder_is_refused(path: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        resolve_destination(Path(path) if path.startswith(("/", "~")) else tmp_path / path)


def test_a_new_folder_in_an_existing_one_is_taken(ward: Ward) -> None:
    check_destination(str(ward.out / "bundle"), home=ward.home)
    with open_parent(str(ward.out / "bundle"), home=ward.home) as parent:
        assert os.fstat(parent.descriptor).st_ino == ward.out.stat().st_ino
        assert parent.name == "bundle"


def test_the_home_folder_and_everything_that_exists_is_refused(ward: Ward) -> None:
    for path in (Path.home(), ward.out, ward.home):
        with pytest.raises((InputError, NotPermittedError)):
            check_destination(str(path), home=ward.home)


@pytest.mark.parametrize("inside", ["bundle", "sessions/bundle", "audit/bundle"])
def test_nothing_is_written_into_the_store(ward: Ward, inside: str) -> None:
    with pytest.raises(NotPermittedError, match="store"):
        check_destination(str(ward.home / inside), home=ward.home)


def test_the_store_is_known_by_any_of_its_names(ward: Ward, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(ward.home)
    with pytest.raises(NotPermittedError, match="store"):
        check_destination(str(ward.home / "bundle"), home=tmp_path / "alias")


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_no_link_anywhere_on_the_way_is_followed(ward: Ward, tmp_path: Path, depth: int) -> None:
    real = tmp_path / "real" / "inner" / "most"
    real.mkdir(parents=True)
    names = ["real", "inner", "most"]
    linked = tmp_path.joinpath(*names[:depth], "link")
    linked.symlink_to(tmp_path.joinpath(*names[: depth + 1]))
    path = linked.joinpath(*names[depth + 1 :], "bundle")
    assert path.parent.is_dir()
    with pytest.raises(InputError, match="symbolic link"):
        check_destination(str(path), home=ward.home)


def test_a_missing_folder_and_a_file_on_the_way_are_said(ward: Ward) -> None:
    with pytest.raises(InputError, match="no folder"):
        check_destination(str(ward.out / "missing" / "bundle"), home=ward.home)
    (ward.out / "file").write_text("")
    with pytest.raises(InputError, match="not a folder"):
        check_destination(str(ward.out / "file" / "bundle"), home=ward.home)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(ward: Ward) -> None:
    ward.out.chmod(0o500)
    try:
        with pytest.raises(InputError, match="cannot be written"):
            check_destination(str(ward.out / "bundle"), home=ward.home)
    finally:
        ward.out.chmod(0o700)


def test_no_descriptor_is_left_open(ward: Ward) -> None:
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        pytest.skip("this system does not list descriptors")
    before = len(list(descriptors.iterdir()))
    for path in (ward.out / "bundle", ward.out / "missing" / "bundle", ward.home / "bundle"):
        try:
            check_destination(str(path), home=ward.home)
        except (InputError, NotPermittedError):
            continue
    assert len(list(descriptors.iterdir())) == before


@pytest.mark.parametrize("name", ["sessions", "audit"])
def test_a_folder_of_the_store_is_none_for_a_bundle_wherever_it_lies(ward: Ward, tmp_path: Path, name: str) -> None:
    """A folder that was moved to another disk, as one that is mounted elsewhere, is reached without passing home."""
    moved = tmp_path / "moved"
    (ward.home / name).rename(moved)
    (ward.home / name).symlink_to(moved)
    for destination in (moved / "bundle", moved / "deeper" / "bundle"):
        destination.parent.mkdir(exist_ok=True)
        with pytest.raises(NotPermittedError, match="folder of the store"):
            check_destination(str(destination.parent.resolve() / "bundle"), home=ward.home)
