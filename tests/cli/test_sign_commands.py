import json
import shutil
from pathlib import Path

import pytest
from review_desk import PASSPHRASE, REVIEWER, Desk, Terminal, add_draft, copy_desk, make_template, one_sentence

from openmed_agent.workflows.draft import Draft


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Draft]:
    folder = tmp_path_factory.mktemp("desk")
    return folder, make_template(folder)


@pytest.fixture
def desk(template: tuple[Path, Draft], tmp_path: Path) -> Desk:
    return copy_desk(*template, tmp_path)


@pytest.fixture(scope="module")
def written(template: tuple[Path, Draft], tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk whose draft was signed and written once; tests change copies of its bundle."""
    desk = copy_desk(*template, tmp_path_factory.mktemp("written"))
    file = desk.folder / "decisions.json"
    file.write_text(json.dumps(desk.decisions()))
    options = ("--decisions", file, "--reviewer", REVIEWER, "--out", desk.out / "bundle")
    approval = desk.folder / "approval"
    done = desk.openmed("review", desk.draft.draft_id, *options, "--approval-file", approval, passphrase=PASSPHRASE)
    assert done.returncode == 0, done.stderr
    assert desk.openmed("finalize", desk.draft.draft_id, "--approval-file", approval).returncode == 0
    return desk


@pytest.mark.parametrize(
    ("passphrase", "words"),
    [
        ("owl fig 9", "shorter than"),
        ("password1234", "commonly used"),
        ("aaaaaaaaaaaaaaaa", "repeats"),
        ("Dr. Ada Quimby 1", "name"),
        ("abcdefghijklmnop", "easy to guess"),
    ],
)
def test_a_weak_passphrase_is_refused_with_the_reason(desk: Desk, passphrase: str, words: str) -> None:
    done = desk.openmed("reviewer", "create", "Dr. Ada Quimby", passphrase=passphrase)
    assert done.returncode == 3
    assert words in one_sentence(done)
    assert passphrase not in done.stderr
    assert [one["name"] for one in json.loads(desk.openmed("reviewer", "list", "--json").stdout)] == [REVIEWER]


def test_a_reviewer_is_made_on_a_terminal_without_echo(desk: Desk) -> None:
    with Terminal(desk, "reviewer", "create", "Dr. Ben Okoro") as terminal:
        terminal.expect("New passphrase:")
        terminal.send("seven lemurs knit 88 kites\n")
        terminal.expect("The same again:")
        terminal.send("seven lemurs knit 88 kite\n")
        terminal.expect("differ")
        assert terminal.status() == 3
    with Terminal(desk, "reviewer", "create", "Dr. Ben Okoro") as terminal:
        for words in ("New passphrase:", "The same again:"):
            terminal.expect(words)
            terminal.send("seven lemurs knit 88 kites\n")
        assert "can sign now" in terminal.expect("Fingerprint")
        assert terminal.status() == 0
        assert "lemurs" not in terminal.text
    shown = json.loads(desk.openmed("reviewer", "show", "Dr. Ben Okoro", "--json").stdout)
    assert shown["name"] == "Dr. Ben Okoro"
    assert shown["retired"] is None
    assert desk.openmed("reviewer", "retire", "Dr. Ben Okoro").returncode == 2
    assert desk.openmed("reviewer", "retire", "Dr. Ben Okoro", "--yes").returncode == 0
    assert json.loads(desk.openmed("reviewer", "show", "Dr. Ben Okoro", "--json").stdout)["retired"] is not None
    assert desk.openmed("reviewer", "create", "dr. ben okoro", passphrase="x").returncode == 3


def test_a_bundle_verifies_and_each_change_of_it_does_not(written: Desk, tmp_path: Path) -> None:
    bundle = written.out / "bundle"
    done = written.openmed("verify", bundle)
    assert done.returncode == 0
    assert f"Yes: this is exactly what {REVIEWER} signed." in done.stdout
    for number, path in enumerate(sorted(bundle.iterdir())):
        copy = tmp_path / str(number)
        shutil.copytree(bundle, copy)
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        (copy / path.name).write_bytes(content)
        done = written.openmed("verify", copy, "--json")
        assert done.returncode == 1, path.name
        assert json.loads(done.stdout)["intact"] is False
    extra = tmp_path / "extra"
    shutil.copytree(bundle, extra)
    (extra / "note.txt").write_text("added later")
    report = json.loads(written.openmed("verify", extra, "--json").stdout)
    assert {"name": "note.txt", "state": "is not in the manifest"} in report["files"]
    (extra / "note.txt").unlink()
    (extra / "chart_summary.md").unlink()
    report = json.loads(written.openmed("verify", extra, "--json").stdout)
    assert {"name": "chart_summary.md", "state": "is missing"} in report["files"]
    for path in (tmp_path / "nowhere", bundle / "manifest.json"):
        done = written.openmed("verify", path)
        assert done.returncode == 3
        one_sentence(done)


def test_on_another_machine_a_key_is_unknown_until_it_is_trusted(written: Desk, tmp_path: Path) -> None:
    exported = tmp_path / "ada.json"
    assert written.openmed("reviewer", "export", REVIEWER, "--out", exported).returncode == 0
    assert written.openmed("reviewer", "export", REVIEWER, "--out", exported).returncode == 3
    (tmp_path / "tmp").mkdir()
    elsewhere = Desk(tmp_path, written.draft)
    bundle = written.out / "bundle"
    done = elsewhere.openmed("verify", bundle)
    assert done.returncode == 1
    assert "not known here" in done.stdout
    assert not elsewhere.home.exists()  # verifying makes no store
    assert elsewhere.openmed("verify", bundle, "--known", exported).returncode == 0
    assert elsewhere.openmed("reviewer", "trust", exported).returncode == 2
    refused = elsewhere.openmed("reviewer", "trust", exported, "--fingerprint", "0000 1111")
    assert refused.returncode == 4
    assert elsewhere.openmed("verify", bundle).returncode == 1
    fingerprint = json.loads(written.openmed("reviewer", "show", REVIEWER, "--json").stdout)["fingerprint"]
    assert elsewhere.openmed("reviewer", "trust", exported, "--fingerprint", fingerprint.lower()).returncode == 0
    assert elsewhere.openmed("verify", bundle).returncode == 0


def test_runs_are_listed_and_compared(desk: Desk) -> None:
    with desk.open() as store:
        other = add_draft(store, note=_other_note())
    listed = json.loads(desk.openmed("runs", "list", "--json").stdout)
    assert {(one["draft_id"], one["state"]) for one in listed} == {
        (desk.draft.draft_id, "open"),
        (other.draft_id, "open"),
    }
    same = json.loads(desk.openmed("runs", "diff", desk.draft.draft_id, f"{desk.draft.draft_id}@1", "--json").stdout)
    assert same["equal"] is True
    assert same["same"] == len(desk.draft.items)
    for reference, status in (("zzzz", 3), (f"{other.draft_id}@x", 2), (str(desk.out), 1)):
        done = desk.openmed("runs", "diff", desk.draft.draft_id, reference)
        assert done.returncode == status
        one_sentence(done)


def test_runs_diff_reads_bundles_too(written: Desk) -> None:
    bundle = written.out / "bundle"
    done = written.openmed("runs", "diff", written.draft.draft_id, bundle)
    assert done.returncode == 0
    assert f"{len(written.draft.items)} items are the same" in done.stdout
    listed = json.loads(written.openmed("runs", "list", "--json").stdout)
    assert listed[0]["state"] == "written"
    assert listed[0]["destination"] == str(bundle)


def _other_note() -> str:
    from review_desk import NOTE

    return NOTE + "Seen again.\n"
