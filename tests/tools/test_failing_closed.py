"""Where something is missing or hostile, nothing of a record is returned, and nothing takes long."""

import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tool_bench import CHART, Bench

from openmed_agent.errors import NotPermittedError, OpenMedError, UnavailableError
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.settings.configuration import Configuration, PlaneSettings
from openmed_agent.tools.granted_files import GrantedFiles

OVER_A_RECORD: dict[str, dict[str, Any]] = {
    "read_file": {"path": "note.txt"},
    "list_files": {},
    "grep": {"pattern": "metformin"},
    "edit_file": {"path": "note.txt", "old_text": "Metformin", "new_text": "x"},
    "write_file": {"path": "note.txt", "content": "x", "replaces": sha256(CHART.encode()).hexdigest()[:16]},
    "run_workflow": {"workflow": "chart_summary", "inputs": [{"name": "note_path", "value": "note.txt"}]},
    "extract_entities": {"path": "note.txt"},
    "find_sections": {"text": CHART},
    "list_medications": {"path": "note.txt"},
    "list_measurements": {"path": "note.txt"},
    "check_quotes": {"path": "note.txt", "quotes": ["Metformin"]},
    "find_identifiers": {"path": "note.txt"},
    "deidentify_text": {"path": "note.txt"},
    "deidentify_file": {"path": "note.txt", "new_path": "copy.txt"},
    "check_deidentified": {"copy_path": "note.txt", "original_path": "note.txt"},
}


@pytest.mark.parametrize("name", list(OVER_A_RECORD))
def test_nothing_is_told_of_a_record_that_could_not_be_learned(bench: Bench, name: str) -> None:
    async def unavailable(_: str) -> None:
        raise UnavailableError("The detector cannot be reached.")

    file = bench.write("note.txt", CHART)
    deaf = replace(bench, context=replace(bench.context, learn=unavailable))
    with pytest.raises(UnavailableError) as caught:
        deaf.call(name, **OVER_A_RECORD[name])
    assert "Quackenbush" not in str(caught.value)
    assert {path.name for path in bench.folder.iterdir()} == {"note.txt"}
    assert file.read_text() == CHART


@pytest.mark.parametrize("name", ["extract_entities", "list_medications", "find_identifiers", "deidentify_text"])
def test_strict_mode_sends_no_record_to_an_untrusted_plane(bench: Bench, name: str) -> None:
    bench.write("note.txt", CHART)
    strict = bench.in_mode(PhiMode.STRICT)
    for trusted in (False, True):
        settings = PlaneSettings(url="https://inference.example", trusted_for_strict=trusted)
        remote = replace(strict, context=replace(strict.context, configuration=Configuration(inference=settings)))
        if trusted:
            remote.call(name, path="note.txt")
            continue
        with pytest.raises(NotPermittedError):
            remote.call(name, path="note.txt")


PARTS = st.sampled_from(
    ["..", ".", "", "note.txt", "sub", "link", "loop", "outside", "~", "\u202e", "%2e%2e", "..\\", "a" * 300, "charts"]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(parts=st.lists(PARTS, max_size=7), absolute=st.booleans(), for_writing=st.booleans())
def test_whatever_the_path_it_leads_to_a_plain_file_inside(
    bench: Bench, *, parts: list[str], absolute: bool, for_writing: bool
) -> None:
    if not (bench.folder / "sub").exists():
        bench.write("sub/note.txt", "inside")
        (bench.folder.parent / "outside").mkdir()
        (bench.folder.parent / "outside" / "note.txt").write_text("outside")
        (bench.folder / "link").symlink_to(bench.folder.parent / "outside")
        (bench.folder / "sub" / "loop").symlink_to(bench.folder / "sub")
    text = "/".join(([str(bench.folder)] if absolute else []) + parts)
    try:
        path = bench.context.files.resolve(text, for_writing=for_writing)
    except OpenMedError:
        return
    assert path == path.resolve()
    assert path.is_relative_to(bench.folder)
    assert not path.is_symlink()


def test_several_folders_may_be_granted_and_none_means_none(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "b.txt").write_text("words")
    bench.write("a.txt", "words")
    both = GrantedFiles((bench.folder, (tmp_path / "second").resolve()), ())
    assert both.read("a.txt", limit=9) == b"words"
    assert both.read(tmp_path / "second" / "b.txt", limit=9) == b"words"
    with pytest.raises(OpenMedError):
        both.read("b.txt", limit=9)
    with pytest.raises(NotPermittedError):
        GrantedFiles((), ()).read("a.txt", limit=9)


def test_a_megabyte_made_to_be_slow_is_not(bench: Bench) -> None:
    full = bench.in_mode(PhiMode.FULL)
    bench.write("note.txt", "a" * 1_000_000)
    start = time.process_time()
    quotes = ["a" * 1_999 + "b", "a", "ab" * 999]
    text = full.call("check_quotes", path="note.txt", quotes=quotes).text
    assert text.splitlines()[0] == "note.txt: 1 of 3 quotes stand there"
    with pytest.raises(OpenMedError, match="1000 times"):
        full.call("edit_file", path="note.txt", old_text="a", new_text="b")
    full.call("read_file", path="note.txt")
    full.call("find_sections", path="note.txt")
    assert time.process_time() - start < 10
