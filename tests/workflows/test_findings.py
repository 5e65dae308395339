"""Merging, contradictions and gaps over findings: pure functions, so the findings are written out here."""

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.clinical.medications import read_medication
from openmed_agent.text.sources import source_from_bytes
from openmed_agent.text.spans import Span
from openmed_agent.workflows.draft import ItemKind, Support
from openmed_agent.workflows.steps.find_conflicts import find_conflicts
from openmed_agent.workflows.steps.find_gaps import find_gaps
from openmed_agent.workflows.steps.merge_mentions import merge_mentions
from openmed_agent.workflows.work import Finding, Services, Work, evidence_of, medicine_name, medicine_subject

SILENT = cast("Services", type("Silent", (), {"progress": staticmethod(lambda _: None)})())


def apply(step: Any, *findings: Finding) -> tuple[Finding, ...]:
    work: Work = asyncio.run(step(Work(sources=(), findings=findings), SILENT))
    return work.findings


def mention(kind: ItemKind, text: str, *, subject: str, support: Support = "supported") -> Finding:
    source = source_from_bytes(f"{text}.txt", text.encode())
    return Finding(
        kind=kind,
        claim=text,
        subject=subject,
        support=support,
        evidence=(evidence_of(source, Span(0, len(text))),),
    )


def medicine(text: str, *, kind: ItemKind = "medication", drug: str | None = None) -> Finding:
    name = drug or text.split(maxsplit=1)[0]
    at = text.casefold().find(name.casefold())
    statement = read_medication(text, Span(at, at + len(name)), limit=len(text))
    claim = f"{name} {statement.normalised_sig}".strip()
    return replace(mention(kind, text, subject=name.casefold()), claim=claim, statement=statement)


def kinds(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.kind, finding.claim) for finding in findings]


def test_mentions_of_one_problem_become_one_with_all_evidence() -> None:
    found = apply(
        merge_mentions,
        mention("problem", "HTN", subject="ICD-10-CM:I10"),
        mention("problem", "hypertension", subject="ICD-10-CM:I10"),
        mention("problem", "asthma", subject="asthma"),
    )
    assert kinds(found) == [("problem", "hypertension"), ("problem", "asthma")]
    assert [span.quote for span in found[0].evidence] == ["HTN", "hypertension"]


def test_the_same_dose_in_other_words_is_one_medicine() -> None:
    found = apply(merge_mentions, medicine("Metformin 500 mg PO BID"), medicine("metformin 500 mg twice a day"))
    assert len(found) == 1
    assert len(found[0].evidence) == 2


def test_a_bare_mention_joins_the_dose() -> None:
    found = apply(merge_mentions, medicine("continue metformin", drug="metformin"), medicine("Metformin 500 mg BID"))
    assert kinds(found) == [("medication", "Metformin 500 mg twice daily")]


def test_a_short_name_joins_the_one_longer_name_it_begins() -> None:
    found = apply(
        merge_mentions,
        medicine("Metoprolol succinate 50 mg daily", drug="Metoprolol succinate"),
        medicine("continue metoprolol", drug="metoprolol"),
    )
    assert [finding.subject for finding in found] == ["metoprolol succinate"]


def test_a_short_name_of_two_longer_ones_is_not_guessed() -> None:
    found = apply(
        merge_mentions,
        medicine("Metoprolol succinate 50 mg daily", drug="Metoprolol succinate"),
        medicine("Metoprolol tartrate 25 mg BID", drug="Metoprolol tartrate"),
        medicine("continue metoprolol", drug="metoprolol"),
    )
    assert len(found) == 3


def test_a_change_of_dose_takes_the_place_of_the_dose_it_changes() -> None:
    found = apply(
        merge_mentions,
        medicine("Lisinopril 20 mg daily"),
        medicine("Increase lisinopril from 20 mg to 40 mg daily", drug="lisinopril"),
    )
    assert len(found) == 1
    assert found[0].claim == "lisinopril 40 mg once daily (changed from 20 mg)"


def test_a_change_that_does_not_say_from_what_shows_the_other_dose() -> None:
    found = apply(
        merge_mentions,
        medicine("Lisinopril 20 mg daily"),
        medicine("Increase lisinopril to 40 mg daily", drug="lisinopril"),
    )
    assert [finding.claim for finding in found] == ["lisinopril 40 mg once daily (changed; elsewhere 20 mg)"]


def test_a_change_without_a_dose_changes_no_dose() -> None:
    found = apply(
        merge_mentions,
        medicine("swelling is better since furosemide was increased", drug="furosemide"),
        medicine("Furosemide 40 mg PO every morning"),
    )
    assert [finding.claim for finding in found] == ["Furosemide 40 mg by mouth every morning"]
    assert len(found[0].evidence) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [("Metformin 500 mg BID", "Metformin 1000 mg BID"), ("Metformin 500 mg BID", "Metformin 500 mg daily")],
)
def test_two_doses_are_a_contradiction(one: str, other: str) -> None:
    found = apply(find_conflicts, *apply(merge_mentions, medicine(one), medicine(other)))
    assert [finding.support for finding in found] == ["contradicted"] * 3
    assert found[2].kind == "conflict"
    assert found[2].claim == "Metformin: stated with different doses or schedules"
    assert len(found[2].evidence) == 2


def test_taken_and_stopped_is_a_contradiction() -> None:
    found = apply(
        find_conflicts,
        medicine("Metformin 500 mg BID"),
        medicine("stopped metformin last week", kind="stopped_medication", drug="metformin"),
    )
    assert ("conflict", "Metformin: stated as taken and as stopped or not taken") in kinds(found)


def test_present_and_absent_is_a_contradiction_but_possible_and_absent_is_not() -> None:
    absent = mention("absent_finding", "No pneumonia", subject="pneumonia")
    found = apply(find_conflicts, mention("problem", "pneumonia", subject="pneumonia"), absent)
    assert found[0].support == found[1].support == "contradicted"
    assert found[2].kind == "conflict"
    possible = mention("uncertain_finding", "Possible pneumonia", subject="pneumonia", support="uncertain")
    assert len(apply(find_conflicts, possible, absent)) == 2


def test_a_medicine_to_which_an_allergy_is_stated() -> None:
    allergy = mention("allergy", "Allergy: amoxicillin", subject="amoxicillin")
    found = apply(find_conflicts, allergy, medicine("Amoxicillin 500 mg TID"))
    assert ("conflict", "Amoxicillin is taken and an allergy to it is stated") in kinds(found)


def test_an_allergy_beside_no_known_allergies() -> None:
    none_known = replace(
        mention("allergy", "No known drug allergies", subject="none known"), assertion=Assertion(negated=True)
    )
    found = apply(find_conflicts, mention("allergy", "Allergy: penicillin", subject="penicillin"), none_known)
    assert found[-1].kind == "conflict"


def test_gaps_are_said_and_not_filled() -> None:
    found = apply(find_gaps, medicine("continue metoprolol", drug="metoprolol"))
    claims = [finding.claim for finding in found if finding.kind == "gap"]
    assert "metoprolol: dose and frequency not stated" in claims
    assert "No allergies, and no absence of allergies, were found in the sources" in claims
    assert "No problem or diagnosis was found in the sources" in claims
    assert all(finding.support == "unsupported" for finding in found if finding.kind == "gap")


def test_as_needed_without_a_reason_is_a_gap() -> None:
    found = apply(find_gaps, medicine("Tramadol 50 mg q6h prn"))
    assert "Tramadol: taken as needed, for what is not stated" in [finding.claim for finding in found]


@pytest.mark.parametrize(
    ("claim", "name"),
    [
        ("Lisinopril 20 mg tablet 1 tablet by mouth once a day", "Lisinopril"),
        ("24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet", "Metformin hydrochloride"),
        ("Metoprolol succinate ER 50 mg by mouth once daily", "Metoprolol succinate ER"),
        ("metformin, stopped", "metformin"),
        ("lisinopril 40 mg once daily (changed from 20 mg)", "lisinopril"),
        ("furosemide (changed)", "furosemide"),
        ("Fluticasone Oral Tablet", "Fluticasone"),
    ],
)
def test_the_name_of_a_medicine(claim: str, name: str) -> None:
    assert medicine_name(claim) == name
    assert medicine_subject(claim) == name.casefold()


def test_insulin_before_a_name_makes_no_other_medicine() -> None:
    listed = medicine("Insulin glargine 24 units at bedtime", drug="Insulin glargine")
    planned = medicine("glargine 28 units at bedtime")
    assert {finding.subject for finding in apply(merge_mentions, listed, planned)} == {"insulin glargine"}


def medicines_of(text: str, *drugs: str) -> list[Finding]:
    """Return findings for the drugs of one note, with the places where they stand in it."""
    source = source_from_bytes("note.txt", text.encode())
    found: list[Finding] = []
    at = 0
    for drug in drugs:
        at = text.index(drug, at)
        line = text.find("\n", at)
        statement = read_medication(text, Span(at, at + len(drug)), limit=line if line >= 0 else len(text))
        found.append(
            Finding(
                kind="medication",
                claim=f"{drug} {statement.normalised_sig}".strip(),
                subject=drug.casefold(),
                support="supported",
                evidence=(evidence_of(source, statement.span),),
                statement=statement,
            )
        )
        at += len(drug)
    return found


def test_a_dose_stated_after_its_change_is_no_longer_the_dose_of_before() -> None:
    later = medicines_of("amlodipine (5 -> 10 mg)\nback to amlodipine 5 mg daily", "amlodipine", "amlodipine")
    assert [finding.claim for finding in apply(merge_mentions, *later)] == [
        "amlodipine 10 mg (changed from 5 mg)",
        "amlodipine 5 mg once daily",
    ]
    earlier = medicines_of("amlodipine 5 mg daily\nincrease amlodipine to 10 mg", "amlodipine", "amlodipine")
    assert [finding.claim for finding in apply(merge_mentions, *earlier)] == [
        "amlodipine 10 mg (changed; elsewhere 5 mg)"
    ]


def test_a_dose_without_unit_is_a_gap_of_its_own() -> None:
    found = apply(find_gaps, *medicines_of("losartan 100 daily", "losartan"), mention("allergy", "A", subject="a"))
    assert [finding.claim for finding in found if finding.subject.startswith("gap:losartan")] == [
        "losartan: unit of the dose not stated"
    ]


def test_a_gap_names_the_medicine_without_its_sig() -> None:
    found = apply(find_gaps, *medicines_of("naproxen twice daily for pain", "naproxen"))
    assert "naproxen: dose not stated" in [finding.claim for finding in found]
