"""Strict mode: what a model reads of any tool does not depend on a word of the record that is no vocabulary."""

import json
import re
from typing import Any

import pytest
from tool_bench import CHART, Bench

from openmed_agent.errors import NotPermittedError
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.tools.invoke import render_values
from openmed_agent.tools.registry import all_tools
from openmed_agent.tools.values import Code, Count, DraftReference, Fact, Handle, Label

SWAPPED = {
    "Zebulon": "Leopold",
    "Quackenbush": "Wigglesbury",
    "4471902": "8130627",
    "03/14/1951": "11/02/1948",
    "Ottilie": "Wilhelm",
    "617-555-0142": "415-555-0177",
}
"""Other words of the same kind and length, so that nothing but the identifiers differs."""

OTHER_CHART = re.sub("|".join(SWAPPED), lambda match: SWAPPED[match.group()], CHART)
REFUSED = {"grep", "edit_file", "check_quotes"}


def calls(bench: Bench, draft: str) -> dict[str, dict[str, Any]]:
    note, other = "document_1", "document_2"
    return {
        "update_plan": {"steps": [{"title": "Read the chart of Quackenbush", "state": "active"}]},
        "read_plan": {},
        "load_tools": {"families": ["clinical"]},
        "read_result": {"handle": bench.context.results.keep(CHART)},
        "list_skills": {},
        "read_skill": {"name": "running_clinical_workflows"},
        "read_added_skill": {"name": "own-way"},
        "read_file": {"path": note, "offset": 2, "limit": 3},
        "list_files": {},
        "grep": {"pattern": "Quackenbush"},
        "list_workflows": {},
        "run_workflow": {"workflow": "chart_summary", "inputs": [{"name": "note_path", "value": note}]},
        "show_draft": {"draft": draft},
        "request_review": {"draft": draft},
        "diff_runs": {"before": draft, "after": draft},
        "write_file": {"path": "new.txt", "content": "a note of the model"},
        "edit_file": {"path": note, "old_text": "Quackenbush", "new_text": "x"},
        "extract_entities": {"path": note},
        "find_sections": {"path": note},
        "list_medications": {"path": note},
        "list_measurements": {"path": note},
        "check_quotes": {"path": note, "quotes": ["Quackenbush"]},
        "find_identifiers": {"path": note},
        "deidentify_text": {"path": note},
        "deidentify_file": {"path": note, "new_path": "copy.txt"},
        "check_deidentified": {"copy_path": other, "original_path": note},
        "icd10_search": {"query": "hypertension"},
        "icd10_concept": {"code": "E11.9"},
        "icd10_validate": {"codes": ["E11.9"]},
        "rxnorm_lookup": {"query": "metformin"},
        "crosswalk": {"codes": ["250.00"]},
        "terminology_search": {"system": "cvx", "query": "influenza"},
        "hcc_map": {"codes": ["E11.9"]},
        "raf_score": {"codes": ["E11.9"], "age": 72, "sex": "F", "eligibility": "CNA"},
        "comorbidity_index": {"codes": ["E11.9"], "age": 72},
        "duplicate_medicines": {"rxcuis": ["6809", "29046"]},
    }


def rendered(bench: Bench, chart: str) -> dict[str, str]:
    """Return what the model reads of every tool over ``chart``, with random draft ids taken out."""
    for name in ("new.txt", "copy.txt"):
        (bench.folder / name).unlink(missing_ok=True)
    name = re.search(r"Patient: (\w+)", chart)
    assert name is not None
    bench.write(".agents/skills/own-way/SKILL.md", f"---\nname: own-way\ndescription: Of a project.\n---\n{chart}")
    note = bench.write(f"{name.group(1)}.txt", chart)
    masked = bench.write(f"{name.group(1)} masked.txt", "Patient: [X], seen today.")
    assert bench.context.handles.handle_of(str(note)) == "document_1"
    assert bench.context.handles.handle_of(str(masked)) == "document_2"
    first = bench.call("run_workflow", workflow="chart_summary", inputs=[{"name": "note_path", "value": "document_1"}])
    draft = next(value.draft_id for value in first.values if isinstance(value, DraftReference))
    told: dict[str, str] = {}
    for tool, arguments in calls(bench, draft).items():
        if tool in REFUSED:
            with pytest.raises(NotPermittedError) as caught:
                bench.call(tool, **arguments)
            told[tool] = str(caught.value)
            continue
        try:
            result = bench.call(tool, **arguments)
        except Exception as error:
            if tool not in {"terminology_search", "duplicate_medicines"}:  # what nobody has installed here
                raise
            told[tool] = str(error)
            continue
        told[tool] = re.sub(
            r'"drafts":\["[0-9a-f]{12}"(?:,"[0-9a-f]{12}")*\]', '"drafts":[]', render_values(result.values)
        )
    return told


def test_every_tool_is_tried(bench: Bench) -> None:
    assert set(calls(bench, "0" * 12)) == {tool.name for tool in all_tools()}


def test_no_word_of_a_record_reaches_the_model(bench: Bench) -> None:
    strict = bench.in_mode(PhiMode.STRICT)
    told = rendered(strict, CHART)
    words = {word.casefold() for word in re.findall(r"[^\W\d_]{4,}|\d{4,}", CHART)}
    for tool, text in told.items():
        if tool in {"read_skill", "icd10_search", "icd10_concept", "rxnorm_lookup"}:  # not from the record
            assert "quackenbush" not in text.casefold()
            continue
        plain = _without_vocabulary(text)
        left = {word for word in words if word in plain.casefold()}
        assert left <= LABELS, f"{tool} tells {left - LABELS}"


# Words of the chart that are words of our own closed lists too: kinds of sections, of items, of identifiers, of files.
LABELS = {
    "history",
    "present",
    "illness",
    "medications",
    "laboratory",
    "plan",
    "patient",
    "chest",
    "note",
    "phone",
    "high",
}


def _without_vocabulary(text: str) -> str:
    """Return a rendering without the displays of codes, which are the code system's words."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return text
    for code in parsed.get("codes", []):
        code.pop("display", None)
    return json.dumps(parsed)


def test_what_the_model_reads_is_the_same_for_another_person_with_the_same_findings(bench: Bench) -> None:
    strict = bench.in_mode(PhiMode.STRICT)
    one = rendered(strict, CHART)
    for file in bench.folder.glob("*.txt"):
        file.unlink()
    handles = strict.context.handles
    assert hasattr(handles, "paths")
    handles.paths.clear()
    other = rendered(strict, OTHER_CHART)
    assert CHART != OTHER_CHART
    for tool in one:
        assert one[tool] == other[tool], tool


def test_the_codes_told_are_those_of_the_vocabulary(bench: Bench) -> None:
    strict = bench.in_mode(PhiMode.STRICT)
    strict.write("note.txt", CHART)
    codes = [one for one in strict.call("extract_entities", path="note.txt").values if isinstance(one, Code)]
    assert ("icd10cm", "E11.9") in {(one.system.word, one.code) for one in codes}
    assert not [one for one in codes if one.code.startswith(("C50", "R07"))], "negated and family mentions are not hers"
    for one in codes:
        if one.system.word == "icd10cm":
            found = bench.planes.loop.run_until_complete(bench.planes.codes.icd10_concept(one.code))
            assert found is not None
            assert one.display == found.display


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Label, "Zebulon Quackenbush"),
        (Label, "Quackenbush"),
        (Label, ""),
        (Handle, "Quackenbush.txt"),
        (Handle, "document_1 of Zebulon"),
        (DraftReference, "Quackenbush"),
    ],
)
def test_a_closed_value_cannot_hold_a_sentence(kind: Any, text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        kind(text)


def test_values_are_rendered_as_compact_json() -> None:
    values = (
        Count(Label("drug"), 2),
        Count(Label("drug"), 1),
        Fact(Label("billable"), value=True),
        Code(Label("icd10cm"), "I10", "Essential (primary) hypertension"),
        Handle("document_3"),
    )
    assert render_values(values) == (
        '{"counts":{"drug":3},"facts":[{"billable":true}],'
        '"codes":[{"system":"icd10cm","code":"I10","display":"Essential (primary) hypertension"}],'
        '"handles":["document_3"]}'
    )
