import hashlib
from pathlib import Path

import pytest

from openmed_agent.errors import InputError
from openmed_agent.text.sources import MAXIMUM_NOTE_BYTES, MAXIMUM_SOURCE_BYTES, read_source, source_from_bytes


def test_text_is_decoded_without_any_change(tmp_path: Path) -> None:
    content = "\ufeffLine one\r\nline two \u200b caf\u0065\u0301\n".encode()
    file = tmp_path / "note.txt"
    file.write_bytes(content)
    source = read_source(file)
    assert source.text == content.decode()
    assert source.digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert source.name == "note.txt"
    assert source.media_type == "text/plain"


def test_json_is_recognised_by_content_or_by_name() -> None:
    assert source_from_bytes("a.txt", b' \n{"resourceType":"Bundle"}').media_type == "application/fhir+json"
    assert source_from_bytes("a.JSON", b"[1,2]").media_type == "application/fhir+json"
    assert source_from_bytes("a.txt", b"[1,2] are normal").media_type == "text/plain"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        ("\u200b\u200b\u202e".encode(), "empty"),
        (b"\x00\x01\x02\x03", "binary"),
        (b"\x7fELF\x01\x01\x01\x00\x00", "binary"),
        (b"note \xff\xfe", "UTF-8"),
        ("Größe".encode("latin-1"), "UTF-8"),
        ("note".encode("utf-16"), "UTF-8"),
        (b"x" * (MAXIMUM_NOTE_BYTES + 1), "larger than 1 MB"),
        (b"{" + b" " * MAXIMUM_SOURCE_BYTES, "larger than 8 MB"),
    ],
)
def test_what_is_no_text_is_refused_in_one_sentence(tmp_path: Path, content: bytes, word: str) -> None:
    file = tmp_path / "note.txt"
    file.write_bytes(content)
    with pytest.raises(InputError, match=word) as caught:
        read_source(file)
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file"):
        read_source(tmp_path / "missing.txt")
    with pytest.raises(InputError, match="regular"):
        read_source(tmp_path)
    with pytest.raises(InputError):
        read_source(Path("a\x00b"))


def test_a_hostile_file_name_is_made_visible(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_source(tmp_path / "a\x1b[2Jb")
    assert "\x1b" not in str(caught.value)
