"""Untrusted text on every path: nothing of it acts on a terminal, nothing of it is read as markup."""

import json
import re

import pytest
from command_line import EXAMPLES, Machine, summary_arguments
from test_cli_processes import in_terminal, plain

ESCAPES = "\x1b[31m\x1b[2J\x1b]52;c;ZXZpbA==\x07\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\"
C1 = "\x9b31m\x9d0;title\x9c\x85"
BIDI = "\u202eesrever\u202c\u2066x\u2069\u200b\u200f\u2028\u2029"
MARKUP = "[red][/foo][link=http://evil.example]x[/link][bold]:smile:[@click=app.quit]"
HOSTILE = ESCAPES + C1 + BIDI + MARKUP

NOTE = f"""\
Patient: Oda {ESCAPES}Lindqvist     DOB: 05/06/1949     MRN: LQ-{C1}220418

PROBLEMS
1. Gout {HOSTILE}
2. Type 2 diabetes mellitus {MARKUP}

MEDICATIONS
- Metformin{ESCAPES} 500 mg PO BID {BIDI}
- Warfa\u200brin 5 mg PO daily
- Lisinopril 20 mg [red] PO daily [/foo]

ALLERGIES
Penicillin {HOSTILE} (hives).

VITAL SIGNS
BP 148/86 mmHg{C1}, HR 72 bpm.

PLAN
Return to clinic in 6 weeks {HOSTILE}.
"""
FILE_NAME = "note \x1b]0;x\x07 \u202e[red][link=x] \x9b.txt"

# What Rich itself emits: colours and styles, cursor movement, clearing a line, hiding the cursor.
OWN_SEQUENCE = re.compile(r"\x1b\[[0-9;]*m|\x1b\[[0-9]*[ABCDGJK]|\x1b\[\?25[lh]")
ACTING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def assert_only_own_sequences(received: str) -> None:
    acting = ACTING.search(OWN_SEQUENCE.sub("", received))
    assert acting is None, f"U+{ord(acting.group()):04X}"
    assert "\x1b[2J" not in received
    assert "\x1b]" not in received


def hostile_bundle() -> str:
    bundle = json.loads((EXAMPLES / "fhir_bundle.json").read_text(encoding="utf-8"))

    def poisoned(value: object, key: str = "") -> object:
        match value:
            case dict():
                return {name: poisoned(inner, name) for name, inner in value.items()}
            case list():
                return [poisoned(inner, key) for inner in value]
            case str() if key in {"display", "text", "family", "given", "note", "value"}:
                return value + HOSTILE
            case _:
                return value

    return json.dumps(poisoned(bundle))


@pytest.mark.parametrize("kind", ["note", "bundle"])
def test_a_hostile_chart_is_drafted_listed_and_shown_safely(machine: Machine, kind: str) -> None:
    content = NOTE if kind == "note" else hostile_bundle()
    machine.write(FILE_NAME, content)
    arguments = summary_arguments(FILE_NAME)
    drafted = machine.openmed(*arguments)  # every call checks both streams
    assert drafted.status == 0, drafted.stderr
    assert "etformin" in drafted.stdout
    assert "[red]" in drafted.stdout, "markup must be shown, not read"
    listed = machine.openmed("drafts")
    assert "[red]" in "".join(listed.stdout.split())
    identifier = machine.openmed("drafts", "--json").json()[0]["draft_id"]
    shown = machine.openmed("show", identifier, "--json")
    draft = shown.json()
    assert draft["sources"][0]["name"] == FILE_NAME, "JSON escapes; it does not change what it says"
    for item in draft["items"]:
        for span in item["evidence"]:
            assert content[span["start"] : span["end"]] == span["quote"]
    status, received = in_terminal(machine, "show", identifier)
    assert status == 0
    assert_only_own_sequences(received)
    assert "[red]" in plain(received)
    status, received = in_terminal(machine, *arguments)
    assert status == 0
    assert_only_own_sequences(received)
    for command in (["extract", FILE_NAME], ["deid", FILE_NAME]):
        if kind == "note":
            status, received = in_terminal(machine, *command)
            assert status == 0, received
            assert_only_own_sequences(received)


def test_errors_about_hostile_names_are_safe(machine: Machine) -> None:
    machine.write(FILE_NAME, b"\xff\xfe")
    for arguments in (
        summary_arguments(FILE_NAME),
        summary_arguments(HOSTILE.replace("/", "")),
        ["extract", FILE_NAME],
        ["deid", FILE_NAME],
        ["run", HOSTILE, "--input", "note_path=x"],
        ["run", "chart_summary", "--input", f"{HOSTILE}=x"],
        ["run", "chart_summary", "--input", "note_path=note.txt", f"--{HOSTILE}"],
        ["run", "chart_summary", "--input", "note_path=note.txt", "--out", f"missing/{HOSTILE}"],
        ["show", HOSTILE],
        ["codes", "search", HOSTILE],
        ["codes", "show", HOSTILE],
        ["codes", "validate", HOSTILE],
        ["codes", "drug", HOSTILE],
        ["serve", "codes", "--api-key-file", HOSTILE],
        [HOSTILE],
    ):
        outcome = machine.openmed(*arguments)
        assert outcome.status in {1, 2, 3}, (arguments, outcome)
        assert "openmed: " in outcome.stderr or outcome.stdout
        status, received = in_terminal(machine, *arguments)
        assert status == outcome.status
        assert_only_own_sequences(received)


def test_a_copy_written_to_a_file_keeps_the_note_byte_for_byte_outside_identifiers(machine: Machine) -> None:
    text = "Gout. \x1b[31m \u202e Metformin 500 mg\r\nHypertension.\r\n"
    machine.write("raw.txt", text)
    assert machine.openmed("deid", "raw.txt", "--out", f"copy {MARKUP.replace('/', '')}").status == 0
    copy = next(path for path in machine.folder.iterdir() if path.name.startswith("copy"))
    assert copy.read_bytes().decode("utf-8") == text
