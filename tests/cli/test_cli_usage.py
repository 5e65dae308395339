"""Command lines as a new user types them: wrong ones get one sentence, help costs nothing."""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Machine, assert_refused, summary_arguments

from openmed_agent.cli.program import build_parser

HEAVY = (
    *("textual", "openai", "mcp", "httpx", "fastapi", "uvicorn", "starlette", "sqlcipher3", "keyring", "rich"),
    *("pydantic", "hccinfhir", "simple_icd_10_cm", "fhir", "yaml", "cryptography", "rfc8785", "asyncio"),
)


def commands(parser: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield words
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, deeper in action.choices.items():
                yield from commands(deeper, (*words, name))


COMMANDS = tuple(commands(build_parser()))


def test_the_commands_of_the_first_slice_are_there() -> None:
    wanted = {"run", "drafts", "show", "serve", "extract", "deid", "codes", "doctor"}
    assert wanted <= {words[0] for words in COMMANDS if words}
    assert {("codes", action) for action in ("search", "show", "raf")} <= set(COMMANDS)


def test_every_help_is_printed_and_imports_nothing_heavy() -> None:
    program = """
import contextlib, io, json, sys
from openmed_agent.cli.main import main
status = []
for words in json.loads(sys.argv[1]):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status.append([main([*words]), len(printed.getvalue())])
heavy = sorted({name.partition(".")[0] for name in sys.modules} & set(json.loads(sys.argv[2])))
print(json.dumps({"status": status, "heavy": heavy}))
"""
    asked = [[*words, "--help"] for words in COMMANDS] + [["--version"]]
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(asked), json.dumps(HEAVY)],
        capture_output=True,
        text=True,
        check=True,
    )
    report = json.loads(done.stdout)
    assert len(report["status"]) == len(asked)
    assert all(status == 0 and printed for status, printed in report["status"])
    assert report["heavy"] == []


def test_the_program_loads_its_commands_only_where_ctrl_c_is_caught() -> None:
    program = (
        "import sys, openmed_agent.cli.main as m; print(sorted(n for n in sys.modules if n.startswith(m.__package__)))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "['openmed_agent.cli', 'openmed_agent.cli.main']"


def test_plain_openmed_says_what_can_be_done_and_makes_nothing(bare: Machine) -> None:
    outcome = bare.openmed()
    assert outcome.status == 0
    assert "openmed run chart_summary" in outcome.stdout
    named = next(line for line in outcome.stdout.splitlines() if line.startswith("Next: "))
    example = Path(named.rpartition("=")[2])
    assert example.is_file(), "the suggested next step must work as it stands"
    assert bare.openmed("--version").stdout.startswith("openmed 0")
    assert bare.openmed("run", "--help").status == 0
    assert not bare.home.exists()


def test_every_command_that_plain_openmed_names_exists(bare: Machine) -> None:
    named = {line.split()[1] for line in bare.openmed().stdout.splitlines() if line.startswith("  openmed ")}
    assert named <= {words[0] for words in COMMANDS if words}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense"], ["nonsense"]),
        (["run"], ["workflow"]),
        (["run", "no_such_workflow", "--input", "note_path=note.txt"], ["no_such_workflow", "chart_summary"]),
        (["run", "../chart_summary", "--input", "note_path=note.txt"], ["../chart_summary"]),
        (["run", "chart_summary/", "--input", "note_path=note.txt"], ["no workflow"]),
        (["run", "", "--input", "note_path=note.txt"], ["no workflow"]),
        (["run", "\x1b[31mx", "--input", "note_path=note.txt"], ["no workflow"]),
        (["run", "chart_summary"], ["note_path"]),
        (["run", "chart_summary", "--input"], ["--input"]),
        (["run", "chart_summary", "--input", "note_path"], ["NAME=VALUE"]),
        (["run", "chart_summary", "--input", "note_path="], ["NAME=VALUE"]),
        (["run", "chart_summary", "--input", "=note.txt"], ["no input"]),
        (["run", "chart_summary", "--input", "chart=note.txt"], ["chart", "note_path"]),
        (["run", "chart_summary", "--input", "note_path=note.txt", "--verbose"], ["--verbose"]),
        (["run", "chart_summary", "--inp", "note_path=note.txt"], ["--inp"]),
        (["run", "chart_summary", "--input", "note_path=note.txt", "--phi-mode", "none"], ["none"]),
        (["show"], ["DRAFT"]),
        (["serve"], ["plane"]),
        (["serve", "everything"], ["everything"]),
        (["serve", "codes", "--port", "70000"], ["65535"]),
        (["serve", "codes", "--port", "-1"], ["port"]),
        (["serve", "codes", "--port", "²"], ["port"]),
        (["codes"], ["ACTION"]),
        (["codes", "search"], ["TEXT"]),
        (["codes", "search", "gout", "--limit", "0"], ["limit"]),
        (["codes", "raf", "E11.9"], ["--age"]),
        (["deid"], ["FILE"]),
        (["deid", "note.txt", "--method", "erase"], ["erase"]),
    ],
)
def test_a_wrong_command_line_gets_one_sentence_and_status_2(
    machine: Machine, arguments: list[str], words: list[str]
) -> None:
    assert_refused(machine.openmed(*arguments, timeout=30), 2, *words)
    assert machine.leftovers() == []


def test_a_destination_that_cannot_hold_the_bundle_is_refused_before_the_work(machine: Machine) -> None:
    (machine.folder / "there").mkdir()
    (machine.folder / "link").symlink_to("there")
    (machine.folder / "file").write_text("kept", encoding="utf-8")
    for out in ("there", "missing/bundle", "link", "file", "file/bundle", "..", ".", "/", str(machine.home / "bundle")):
        outcome = machine.openmed(*summary_arguments("note.txt"), "--out", out, timeout=60)
        assert outcome.status in {2, 3, 4}, out
        assert_refused(outcome, outcome.status)
    assert (machine.folder / "file").read_text(encoding="utf-8") == "kept"
    assert sorted(path.name for path in machine.folder.iterdir()) == ["file", "link", "note.txt", "there"]
    assert machine.openmed("drafts", "--json").json() == []


def test_a_destination_is_kept_as_the_absolute_path_it_means(machine: Machine) -> None:
    (machine.folder / "there").mkdir()
    (machine.folder / "link").symlink_to("there")
    for out in ("there/../bundle", "bundle"):
        draft = machine.openmed(*summary_arguments("note.txt"), "--out", out, "--json").json()
        assert draft["destination"] == str(machine.folder / "bundle")
    draft = machine.openmed(*summary_arguments("note.txt"), "--out", "link/bundle", "--json").json()
    assert draft["destination"] == str(machine.folder / "there" / "bundle")
    assert not (machine.folder / "bundle").exists(), "nothing is written before a person approved it"
