"""chart_summary over both embedded planes, on invented charts."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from fhir.resources.R4B.bundle import Bundle

from openmed_agent.settings.paths import content_folder
from openmed_agent.workflows.draft import Item
from openmed_agent.workflows.runner import WorkflowResult

Summarise = Callable[..., WorkflowResult]
EXAMPLES = content_folder("examples")

NOTE = """\
Patient: Ada Quill   DOB: 03/02/1950   MRN: 4471190

HPI: 76 y.o. woman with COPD here for follow-up. Denies chest pain, fever or hemoptysis. She stopped metformin
last week. Possible pneumonia on exam.

PMH: hypertension, type 2 diabetes, CKD stage 4
Medications:
- metformin 500 mg PO BID
- lisinopril 10 mg daily
- furosemide 40 mg PO q AM
- warfarin 5 mg daily
Allergies: penicillin (hives)
FH: mother had breast cancer.
Vitals: BP 135/60, HR 72
Labs: K 5.9 (H), Hgb 8.2 L
Plan: Follow up BMP in 2 weeks. Refer to nephrology.
"""


def by_kind(result: WorkflowResult, kind: str) -> list[Item]:
    return [item for item in result.draft.items if item.kind == kind]


def claims(result: WorkflowResult, *kinds: str) -> str:
    return " | ".join(item.claim for item in result.draft.items if item.kind in kinds).casefold()


@pytest.fixture(scope="module")
def card(summarise: Summarise) -> WorkflowResult:
    return summarise({"note.txt": NOTE})


def test_every_quote_stands_in_its_source(card: WorkflowResult) -> None:
    spans = [span for item in card.draft.items for span in item.evidence]
    assert len(spans) > 20
    assert all(NOTE[span.start : span.end] == span.quote for span in spans)


def test_nothing_denied_hypothetical_or_of_the_family_is_current(card: WorkflowResult) -> None:
    current = claims(card, "problem")
    for word in ("chest pain", "fever", "hemoptysis", "pneumonia", "breast"):
        assert word not in current
    assert "hemoptysis" in claims(card, "absent_finding")
    assert "possible pneumonia" in claims(card, "uncertain_finding")
    assert "breast cancer" in claims(card, "family_history")


def test_problems_carry_codes_with_their_release(card: WorkflowResult) -> None:
    codes = {code.code: code for item in by_kind(card, "problem") for code in item.codes}
    assert {"J44.9", "I10", "E11.9", "N18.4"} <= set(codes)
    assert all(code.system == "ICD-10-CM" and "2026" in code.release for code in codes.values())


def test_medicines_have_dose_and_sig_and_the_contradiction_is_an_item(card: WorkflowResult) -> None:
    medicines = claims(card, "medication")
    for sig in ("lisinopril 10 mg", "furosemide 40 mg by mouth every morning", "warfarin 5 mg"):
        assert sig in medicines
    [conflict] = [item for item in by_kind(card, "conflict") if "metformin" in item.claim.casefold()]
    assert (conflict.support, conflict.severity) == ("contradicted", "high")
    assert {span.quote for span in conflict.evidence} >= {"stopped metformin"}


def test_results_allergies_and_follow_ups(card: WorkflowResult) -> None:
    assert "potassium 5.9 (high)" in claims(card, "lab")
    assert "hemoglobin 8.2 (low)" in claims(card, "lab")
    assert "blood pressure 135/60" in claims(card, "vital")
    assert claims(card, "allergy") == "allergy: penicillin (hives)"
    assert "bmp in 2 weeks" in claims(card, "follow_up")
    assert "nephrology" in claims(card, "follow_up")


def test_severity_follows_the_review_rules(card: WorkflowResult) -> None:
    high = {item.claim.casefold() for item in card.draft.items if item.severity == "high"}
    assert any("warfarin" in claim for claim in high)
    assert any("penicillin" in claim for claim in high)
    assert any("ckd stage 4" in claim for claim in high)
    assert not any("lisinopril" in claim for claim in high)
    assert all(item.severity == "high" for item in card.draft.items if item.support == "contradicted")


def test_no_loinc_beyond_the_common_vitals_and_its_notice_stands_there(card: WorkflowResult) -> None:
    assert not any(code.system == "LOINC" for item in by_kind(card, "lab") for code in item.codes)
    markdown = next(artifact for artifact in card.artifacts if artifact.name.endswith(".md")).content.decode()
    assert "LOINC is copyright" in markdown


def test_the_same_input_gives_the_same_draft_on_another_day(summarise: Summarise, card: WorkflowResult) -> None:
    again = summarise({"note.txt": NOTE}, now=datetime(2031, 7, 9, 23, 59, tzinfo=UTC))
    assert again.draft.payload_digest == card.draft.payload_digest
    assert again.artifacts == card.artifacts
    assert again.draft.draft_id != card.draft.draft_id
    assert again.draft.expires != card.draft.expires


def test_another_byte_gives_another_digest(summarise: Summarise, card: WorkflowResult) -> None:
    other = summarise({"note.txt": NOTE + " "})
    assert other.draft.payload_digest != card.draft.payload_digest


def test_the_fhir_artifact_is_valid_and_holds_no_absent_finding_as_active(card: WorkflowResult) -> None:
    content = next(artifact for artifact in card.artifacts if artifact.name.endswith(".fhir.json")).content
    bundle = Bundle.model_validate_json(content)
    assert bundle.type == "collection"
    for entry in json.loads(content)["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "Condition" and "hemoptysis" in json.dumps(resource):
            assert resource["verificationStatus"]["coding"][0]["code"] == "refuted"
            assert "clinicalStatus" not in resource


def test_another_patients_document_is_said_and_states_nothing(summarise: Summarise) -> None:
    other = (
        "Patient: Boris Lund   DOB: 11/30/1931   MRN: 9902214\n\nPMH: gout, epilepsy\nMeds: digoxin 0.125 mg daily\n"
    )
    result = summarise({"ada.txt": NOTE, "boris.txt": other})
    assert any("different patient" in warning and "boris.txt" in warning for warning in result.warnings)
    assert not any("Lund" in warning or "1931" in warning for warning in result.warnings)
    [conflict] = [item for item in by_kind(result, "conflict") if "different patient" in item.claim]
    assert conflict.severity == "high"
    source = next(source for source in result.draft.sources if source.name == "boris.txt").digest
    for item in result.draft.items:
        if item.evidence and all(span.source == source for span in item.evidence):
            assert item.support == "uncertain"
            assert not item.codes
    assert "gout" not in claims(result, "problem")
    assert "digoxin" not in claims(result, "medication")


def test_the_example_chart_is_one_patient(summarise: Summarise) -> None:
    names = ("progress_note.txt", "discharge_summary.txt", "fhir_bundle.json")
    result = summarise({name: (EXAMPLES / name).read_text() for name in names})
    assert result.warnings == ()
    assert not any("patient" in item.claim for item in by_kind(result, "conflict"))
    diabetes = [item for item in by_kind(result, "problem") if "type 2 diabetes" in item.claim.casefold()]
    assert len(diabetes) == 1
    assert len({span.source for span in diabetes[0].evidence}) == 3


@pytest.mark.parametrize("text", ["Bread, milk and a newspaper.", "x", "患者は元気です。", "42"])
def test_a_text_with_nothing_clinical_says_so_in_gaps(summarise: Summarise, text: str) -> None:
    result = summarise({"list.txt": text})
    assert {item.kind for item in result.draft.items} == {"gap"}
    assert len(result.draft.items) == 3


def test_hidden_characters_are_said(summarise: Summarise) -> None:
    result = summarise({"note.txt": "Takes war\u200bfarin 5 mg daily.\u202e yliad\n"})
    assert any("invisible or direction-changing" in warning for warning in result.warnings)
    assert any("invisible" in item.claim and item.severity == "high" for item in by_kind(result, "conflict"))


def test_hostile_text_cannot_act_in_an_artifact(summarise: Summarise) -> None:
    text = "PMH: asthma\x1b[2J, gout\nMeds: <img src=x onerror=alert(1)> aspirin 81 mg daily [x](http://evil.example)\n"
    result = summarise({"a](evil.example)<b>.txt": text})
    markdown = next(artifact for artifact in result.artifacts if artifact.name.endswith(".md")).content.decode()
    assert "\x1b" not in markdown
    assert "](" not in markdown
    assert "<img" not in markdown.replace("\\<img", "")
    assert "<b>" not in markdown.replace("\\<b", "")


def test_a_list_in_which_nothing_is_recognised_is_never_silent(summarise: Summarise) -> None:
    note = (
        "MEDICATIONS\nZorbifan one every day for hypertension; Quxorol at night\n\n"
        "ALLERGIES\nReaction to a blue one as a child\n\n"
        "PAST SURGICAL HISTORY\nAppendectomy 2001\n\n"
        "ASSESSMENT\nHypertension. Continue lisinopril 10 mg daily.\n"
    )
    claims = [item.claim for item in summarise({"note.txt": note}).draft.items]
    assert "MEDICATIONS: the section has text, but no medicine was recognised in it" in claims
    assert "ALLERGIES: the section has text, but no allergy was recognised in it" in claims
    empty = "MEDICATIONS\nNone\n\nALLERGIES\nNKDA\n\nPROBLEM LIST\nHypertension\n"
    claims = [item.claim for item in summarise({"note.txt": empty}).draft.items]
    assert not any("the section has text" in claim for claim in claims)
