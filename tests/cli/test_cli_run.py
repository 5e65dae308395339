import json
import shutil
from pathlib import Path
from typing import Any

from command_line import EXAMPLES, Machine, assert_refused, claims, summary_arguments

from openmed_agent.workflows.draft import Draft

OTHER_PATIENT = """\
Patient: Barnaby Ostrander     DOB: 11/02/1971     MRN: ZZ-7719034
Sex: Male

PROBLEMS
1. Gout
2. Psoriasis

MEDICATIONS
- Allopurinol 300 mg PO daily

ALLERGIES
Latex (rash).
"""


def examples(machine: Machine) -> None:
    for name in ("discharge_summary.txt", "fhir_bundle.json", "progress_note.txt"):
        shutil.copy(EXAMPLES / name, machine.folder / name)


def assert_quotes_stand(draft: Any, folder: Path) -> None:
    texts = {source["digest"]: (folder / source["name"]).read_bytes().decode("utf-8") for source in draft["sources"]}
    spans = [span for item in draft["items"] for span in item["evidence"]]
    assert spans
    for span in spans:
        assert texts[span["source"]][span["start"] : span["end"]] == span["quote"]


def test_one_note_becomes_a_draft_that_shows_its_sources(machine: Machine) -> None:
    printed = machine.openmed(*summary_arguments("note.txt"))
    assert printed.status == 0
    assert printed.stderr == ""
    assert "Metformin 1000 mg PO BID with meals" in printed.stdout
    assert "Next: openmed review" in printed.stdout
    listed = machine.openmed("drafts", "--json").json()
    assert [draft["revision"] for draft in listed] == [1]


def test_json_is_a_draft_of_the_contract_and_every_quote_stands_in_its_source(machine: Machine) -> None:
    examples(machine)
    draft = machine.summary("progress_note.txt", "discharge_summary.txt", "fhir_bundle.json")
    assert Draft.model_validate(draft).payload_digest == draft["payload_digest"]
    assert [source["name"] for source in draft["sources"]] == [
        "progress_note.txt",
        "discharge_summary.txt",
        "fhir_bundle.json",
    ]
    assert_quotes_stand(draft, machine.folder)
    assert {item["kind"] for item in draft["items"]} >= {
        "problem",
        "medication",
        "allergy",
        "lab",
        "vital",
        "follow_up",
    }
    assert not [claim for claim in claims(draft) if "different patient" in claim]
    assert {release["system"]: release["complete"] for release in draft["releases"]}["rxnorm"] is False


def test_what_is_denied_in_the_family_or_past_is_never_current(machine: Machine) -> None:
    draft = machine.summary("note.txt")
    current = " | ".join(claims(draft, "problem", "medication")).casefold()
    for absent in ("chest pain", "syncope", "ovarian cancer", "colon cancer", "breast cancer", "glipizide", "nausea"):
        assert absent not in current
    for item in draft["items"]:
        if item["kind"] == "problem":
            assert not item["assertion"]["negated"]
            assert not item["assertion"]["historical"]
            assert item["assertion"]["experiencer"] == "patient"


def test_the_same_pile_gives_the_same_payload_everywhere(machine: Machine, tmp_path: Path) -> None:
    first = machine.summary("note.txt")
    again = machine.summary("note.txt")
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    moved = shutil.copy(machine.folder / "note.txt", elsewhere)
    abroad = machine.summary(moved, TZ="Pacific/Kiritimati", LANG="tr_TR.UTF-8", PYTHONHASHSEED="7")
    assert first["payload_digest"] == again["payload_digest"] == abroad["payload_digest"]
    assert first["artifacts"] == again["artifacts"] == abroad["artifacts"]
    assert len({first["draft_id"], again["draft_id"], abroad["draft_id"]}) == 3


def test_the_same_file_twice_counts_once(machine: Machine) -> None:
    once = machine.summary("note.txt")
    twice = machine.summary("note.txt", "note.txt")
    assert twice["items"] == once["items"]
    assert len(twice["sources"]) == 1


def test_another_patients_document_is_said_and_none_of_its_findings_is_plain(machine: Machine) -> None:
    machine.write("other.txt", OTHER_PATIENT)
    outcome = machine.openmed(*summary_arguments("note.txt", "other.txt"), "--json")
    assert "other.txt" in outcome.stderr
    assert "different patient" in outcome.stderr
    assert "Ostrander" not in outcome.stderr
    draft = outcome.json()
    other = next(source["digest"] for source in draft["sources"] if source["name"] == "other.txt")
    foreign = [item for item in draft["items"] if any(span["source"] == other for span in item["evidence"])]
    assert any("llopurinol" in item["claim"] for item in foreign), "what it says must not be lost"
    for item in foreign:
        assert item["kind"] in {"conflict", "gap", "uncertain_finding"}
        assert item["support"] in {"uncertain", "contradicted"}
    named = " ".join(claims(draft, "problem", "medication", "allergy")).casefold()
    for word in ("gout", "psoriasis", "allopurinol", "latex"):
        assert word not in named


def test_another_patient_inside_a_bundle_is_said(machine: Machine) -> None:
    bundle = json.loads((EXAMPLES / "fhir_bundle.json").read_text(encoding="utf-8"))
    patient = next(entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Patient")
    second = json.loads(json.dumps(patient))
    second["id"] = "someone-else"
    second["name"] = [{"family": "Ostrander", "given": ["Barnaby"]}]
    second["birthDate"] = "1971-11-02"
    second["gender"] = "male"
    second["identifier"] = [{"value": "ZZ-7719034"}]
    bundle["entry"].append({"resource": second})
    machine.write("bundle.json", json.dumps(bundle, indent=1))
    outcome = machine.openmed(*summary_arguments("bundle.json"))
    assert outcome.status == 0
    assert "different patient" in outcome.stderr


def test_a_draft_is_listed_and_shown_by_any_unique_start(drafted: Machine) -> None:
    listed = drafted.openmed("drafts", "--json").json()
    identifier = listed[0]["draft_id"]
    assert identifier[:8] in drafted.openmed("drafts").stdout
    draft = drafted.openmed("show", identifier, "--json").json()
    assert Draft.model_validate(draft).draft_id == identifier
    assert drafted.openmed("show", identifier[:8], "--revision", "1", "--json").json() == draft
    shown = drafted.openmed("show", identifier[:8])
    assert shown.status == 0
    for item in draft["items"]:
        assert "".join(item["claim"].split()) in "".join(shown.stdout.split())


def test_a_draft_that_is_not_there_is_refused(drafted: Machine) -> None:
    for asked in ("f" * 32, "zz", "", "../../etc/passwd", "%", "_" * 8, "\x1b[2J", "é" * 500):
        assert_refused(drafted.openmed("show", asked), 3)


def test_a_revision_that_is_not_there_is_refused(drafted: Machine) -> None:
    identifier = drafted.openmed("drafts", "--json").json()[0]["draft_id"]
    for revision in ("2", "0", "-1", "9" * 20, "one"):
        outcome = drafted.openmed("show", identifier, f"--revision={revision}")
        assert outcome.status in {2, 3}
        assert_refused(outcome, outcome.status)


def test_an_ambiguous_start_is_refused(machine: Machine) -> None:
    machine.write("tiny.txt", "PROBLEMS\n1. Gout\n")
    starts = [machine.summary("tiny.txt")["draft_id"][0]]
    while len(set(starts)) == len(starts):  # after 17 drafts two of them start alike
        starts.append(machine.summary("tiny.txt")["draft_id"][0])
    assert_refused(machine.openmed("show", starts[-1]), 3)
    assert len(machine.openmed("drafts", "--json").json()) == len(starts)


def test_no_drafts_is_said_with_the_next_step(machine: Machine) -> None:
    outcome = machine.openmed("drafts")
    assert outcome.status == 0
    assert outcome.stdout == ""
    assert "no drafts yet" in outcome.stderr
    assert machine.openmed("drafts", "--json").json() == []
