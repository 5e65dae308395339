"""Workflows as tools: a draft is made and kept, shown, compared and handed over; nothing is decided."""

import json
import re

import pytest
from tool_bench import CHART, Bench

from openmed_agent.errors import InputError, OpenMedError
from openmed_agent.tools.invoke import render_values
from openmed_agent.workflows.draft_store import list_drafts, load_draft


def run(bench: Bench, name: str = "note.txt", text: str = CHART) -> str:
    bench.write(name, text)
    inputs = [{"name": "note_path", "value": name}]
    result = bench.call("run_workflow", workflow="chart_summary", inputs=inputs)
    found = re.search(r"openmed review ([0-9a-f]{12})$", result.text)
    assert found is not None
    return found.group(1)


def test_a_run_is_kept_as_a_draft_that_nobody_decided(bench: Bench) -> None:
    draft_id = run(bench)
    stored = load_draft(bench.context.store, draft_id)
    assert stored.draft.revision == 1
    assert stored.draft.phi_mode == "deid"
    assert stored.draft.inputs == {"note_path": ("note.txt",)}
    assert stored.sources[0].text == CHART
    assert CHART in bench.learned
    assert not bench.context.store.approvals.of_draft(stored.draft.draft_id)


def test_two_runs_of_the_same_documents_have_the_same_payload_and_no_difference(bench: Bench) -> None:
    one, other = run(bench), run(bench)
    digests = {draft.payload_digest for draft in list_drafts(bench.context.store)}
    assert one != other
    assert len(digests) == 1
    compared = bench.call("diff_runs", before=one, after=other)
    assert compared.text.splitlines()[0].endswith("items are the same, 0 differ")


def test_a_difference_names_what_changed(bench: Bench) -> None:
    one = run(bench)
    other = run(bench, "later.txt", CHART.replace("Metformin 500 mg", "Metformin 1000 mg"))
    text = bench.call("diff_runs", before=one, after=other).text
    assert "1000 mg" in text


def test_a_draft_is_shown_with_evidence_and_what_is_left_to_decide(bench: Bench) -> None:
    draft_id = run(bench)
    bench.learned.clear()
    shown = bench.call("show_draft", draft=draft_id)
    assert bench.learned == [CHART]
    line = next(line for line in shown.text.splitlines() if "500 mg by mouth" in line)
    start = CHART.index("Metformin 500 mg")
    assert f"note.txt [{start}-" in line
    assert "[medication, supported," in line
    only = bench.call("show_draft", draft=draft_id, kinds=["medication"]).text
    assert "chest pain" not in only
    decide = bench.call("show_draft", draft=draft_id, to_decide_only=True).text
    items = [line for line in decide.splitlines() if re.match(r"\d+\. ", line)]
    assert items
    assert all("decide]" in line for line in items)


def test_a_review_is_a_person_s_command(bench: Bench) -> None:
    draft_id = run(bench)
    result = bench.call("request_review", draft=draft_id)
    assert result.display.title.endswith(f"Next, for a person: openmed review {draft_id}")
    assert bench.tool("request_review").facts.read_only
    assert not bench.context.store.approvals.of_draft(load_draft(bench.context.store, draft_id).draft.draft_id)


@pytest.mark.parametrize(
    "arguments",
    [
        {"workflow": "no_such", "inputs": []},
        {"workflow": "../chart_summary", "inputs": []},
        {"workflow": "chart_summary", "inputs": []},
        {"workflow": "chart_summary", "inputs": [{"name": "destination", "value": "/tmp/x"}]},
        {"workflow": "chart_summary", "inputs": [{"name": "note_path", "value": "../outside.txt"}]},
        {"workflow": "chart_summary", "inputs": [{"name": "note_path", "value": "missing.txt"}]},
    ],
)
def test_a_run_that_cannot_be_made_leaves_no_draft(bench: Bench, arguments: dict[str, object]) -> None:
    (bench.folder.parent / "outside.txt").write_text(CHART)
    with pytest.raises(OpenMedError):
        bench.call("run_workflow", **arguments)
    assert list_drafts(bench.context.store) == ()


def test_an_unknown_draft_is_an_error(bench: Bench) -> None:
    for tool, arguments in (
        ("show_draft", {"draft": "ffffffff"}),
        ("request_review", {"draft": "ffffffff@3"}),
        ("diff_runs", {"before": "ffffffff", "after": "ffffffff"}),
    ):
        with pytest.raises(InputError):
            bench.call(tool, **arguments)


def test_the_list_names_inputs_and_drafts(bench: Bench) -> None:
    draft_id = run(bench)
    text = bench.call("list_workflows").text
    assert "chart_summary: " in text
    assert "  note_path (document, several): " in text
    assert f"draft {draft_id} of chart_summary" in text


def test_a_document_may_be_named_by_a_handle(bench: Bench) -> None:
    path = bench.write("note.txt", CHART)
    handle = bench.context.handles.handle_of(str(path))
    kept = bench.context.results.keep(CHART)
    for value in (handle, kept):
        bench.call("run_workflow", workflow="chart_summary", inputs=[{"name": "note_path", "value": value}])


def test_a_code_that_a_source_states_is_the_source_s_text_and_not_told_in_strict_mode(bench: Bench) -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"resource": {"resourceType": "Patient", "id": "p1", "name": [{"family": "Quackenbush"}]}},
            {
                "resource": {
                    "resourceType": "Condition",
                    "subject": {"reference": "Patient/p1"},
                    "clinicalStatus": {"coding": [{"code": "active"}]},
                    "code": {
                        "coding": [
                            {
                                "system": "http://hl7.org/fhir/sid/icd-10-cm",
                                "code": "QUACKENBUSH4471902",
                                "display": "Zebulon Quackenbush",
                            }
                        ],
                        "text": "Quackenbush syndrome",
                    },
                }
            },
        ],
    }
    bench.write("records.json", json.dumps(bundle))
    result = bench.call(
        "run_workflow", workflow="chart_summary", inputs=[{"name": "note_path", "value": "records.json"}]
    )
    assert "Quackenbush" in result.text
    assert "quackenbush" not in render_values(result.values).casefold()
