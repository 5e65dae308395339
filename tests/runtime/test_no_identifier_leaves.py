"""Every byte that goes to a model, over invented patients and every tool: no announced identifier in any form."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from patients_session import opened_session
from scripted_model_server import Call, Reply, Say, ScriptedModelServer

sys.path.append(str(Path(__file__).parents[1] / "privacy"))
from patients import Patient, all_forms, bundle, document, message, note, patient, table

from openmed_agent.privacy.modes import PhiMode
from openmed_agent.runtime.events import ToolEnded, TurnEnded
from openmed_agent.tools.registry import all_tools

FILES = {"bundle.json": bundle, "note.txt": note, "message.hl7": message, "document.xml": document, "table.csv": table}
COMMON_WORDS = {"savage", "church", "strong", "jordan"}
"""Last names of the generator that ordinary prose has as words: alone, they announce nobody."""


def calls(paths: dict[str, str], draft: str) -> list[tuple[Call, ...]]:
    """Return the calls of a model that tries every tool on the files of one patient, in a few answers."""
    chart, notes = paths["bundle"], paths["note"]
    tried: list[list[tuple[str, dict[str, Any]]]] = [
        [
            *(("read_file", {"path": path}) for path in paths.values()),
            ("list_files", {}),
            ("grep", {"pattern": "a"}),
            ("load_tools", {"families": ["clinical", "privacy", "codes"]}),
            ("update_plan", {"steps": [{"title": f"Read {notes}", "state": "active"}]}),
            ("read_plan", {}),
            ("list_skills", {}),
            ("read_skill", {"name": "running_clinical_workflows"}),
            ("read_added_skill", {"name": "no_such_skill"}),
            ("read_file", {"path": f"{notes}.missing"}),
        ],
        [
            *((tool, {"path": notes}) for tool in ("extract_entities", "find_sections", "list_medications")),
            ("list_measurements", {"path": notes}),
            ("check_quotes", {"path": notes, "quotes": ["dizziness for two days"]}),
            ("find_identifiers", {"path": notes}),
            ("deidentify_text", {"path": notes}),
            ("deidentify_file", {"path": notes, "new_path": "copy.txt"}),
            ("check_deidentified", {"copy_path": "copy.txt", "original_path": notes}),
            ("list_workflows", {}),
            ("run_workflow", {"workflow": "chart_summary", "inputs": [{"name": "note_path", "value": notes}]}),
            ("run_workflow", {"workflow": "chart_summary", "inputs": [{"name": "note_path", "value": chart}]}),
        ],
        [
            ("show_draft", {"draft": draft}),
            ("request_review", {"draft": draft}),
            ("diff_runs", {"before": draft, "after": draft}),
            ("write_file", {"path": "new.txt", "content": f"Seen: {notes}"}),
            ("edit_file", {"path": notes, "old_text": "dizziness", "new_text": "vertigo"}),
            ("read_result", {"handle": "result_1"}),
            ("icd10_search", {"query": "diabetes"}),
            ("icd10_concept", {"code": "E11.9"}),
            ("icd10_validate", {"codes": ["E11.9"]}),
            ("rxnorm_lookup", {"query": "metformin"}),
            ("crosswalk", {"codes": ["250.00"]}),
            ("terminology_search", {"system": "cvx", "query": "influenza"}),
            ("hcc_map", {"codes": ["E11.9"]}),
            ("raf_score", {"codes": ["E11.9"], "age": 72, "sex": "F", "eligibility": "CNA"}),
            ("comorbidity_index", {"codes": ["E11.9"], "age": 72}),
            ("duplicate_medicines", {"rxcuis": ["6809", "29046"]}),
        ],
    ]
    return [
        tuple(Call(name, json.dumps(given), f"call_{place}") for place, (name, given) in enumerate(stage))
        for stage in tried
    ]


def obedient(document_: Any) -> Reply:
    """Play a model that goes through all calls for the files that the last prompt names, as it was shown them."""
    messages = document_["messages"]
    start = max(place for place, one in enumerate(messages) if one["role"] == "user")
    paths = dict(re.findall(r"(\w+) is (\S+) ;", messages[start]["content"]))
    results = [one["content"] for one in messages[start:] if one["role"] == "tool"]
    drafts = re.findall(r"\b[0-9a-f]{12}\b", "\n".join(results)) or ["0" * 12]
    stages = calls(paths, drafts[0])
    done = sum(one["role"] == "assistant" for one in messages[start:])
    if done < len(stages):
        return Say(f"Next I look at {' and '.join(paths.values())}.", calls=stages[done], piece=200)
    return Say(f"Done with {' and '.join(paths.values())}: {results[0][:300]}", piece=200)


def leaks(of: Patient, sent: bytes) -> Iterator[str]:
    """Yield the kinds of forms of a patient's identifiers that stand in what was sent."""
    raw = sent.decode()
    seen = {raw.casefold(), json.dumps(json.loads(raw), ensure_ascii=False).casefold()}
    alone = [name for name in (of.family, *of.mother.split()[1:]) if len(name) > 5 and name.lower() not in COMMON_WORDS]
    for form in (*all_forms(of), *alone, of.email):
        wanted = re.compile(rf"(?<![0-9a-z]){re.escape(form.casefold())}(?![0-9a-z])")
        if any(form.casefold() in text and wanted.search(text) for text in seen):
            yield form


async def leaked(
    home: Path, mode: PhiMode, patients: list[Patient]
) -> tuple[dict[int, list[str]], list[ToolEnded], int]:
    """Return what leaked by patient, what the tools did, and how many bytes were sent, over one session for all."""
    found: dict[int, list[str]] = {}
    tools: list[ToolEnded] = []
    with ScriptedModelServer(obedient) as server:
        async with opened_session(home, server, mode) as (session, folder):
            for of in patients:
                prompt = write_files(folder, of)
                events = [event async for event in session.ask(f"Go through it all. {prompt}")]
                last = events[-1]
                assert isinstance(last, TurnEnded)
                assert last.outcome == "done", last.shown
                tools += [event for event in events if isinstance(event, ToolEnded)]
        bodies = [one.body for one in server.requests if one.method == "POST"]
    for number, of in enumerate(patients):
        forms = {form for body in bodies for form in leaks(of, body)}
        if forms:
            found[number] = sorted(forms)
    return found, tools, sum(map(len, bodies))


def write_files(folder: Path, of: Patient) -> str:
    """Write a patient's records, their file names full of identifiers, and return how a prompt names them."""
    for old in folder.iterdir():
        old.unlink()
    parts = []
    for ending, record in FILES.items():
        name = f"{of.family}_{of.given}_{of.mrn}_{ending}".replace(" ", "_")
        (folder / name).write_text(record(of))
        parts.append(f"{ending.partition('.')[0]} is {name} ;")
    return " ".join(parts)


def test_every_tool_is_called() -> None:
    named = {call.name for stage in calls(dict.fromkeys(["bundle", "note"], "x"), "0" * 12) for call in stage}
    assert named == {tool.name for tool in all_tools()}


@pytest.mark.slow
@pytest.mark.parametrize("mode", [PhiMode.DEID, PhiMode.STRICT])
async def test_no_announced_identifier_reaches_a_model(tmp_path: Path, mode: PhiMode) -> None:
    found, tools, size = await leaked(tmp_path, mode, [patient(1)])
    assert found == {}
    assert size > 20_000
    done = {event.tool for event in tools if event.outcome == "done"}
    assert {"read_file", "run_workflow", "extract_entities", "deidentify_text"} <= done | (
        set() if mode is PhiMode.DEID else {"read_file"}
    )


@pytest.mark.proof
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("mode", [PhiMode.DEID, PhiMode.STRICT])
@pytest.mark.parametrize("part", range(50))
async def test_of_three_hundred_patients_nothing_announced_reaches_a_model(
    tmp_path: Path, mode: PhiMode, part: int
) -> None:
    found, tools, size = await leaked(tmp_path, mode, [patient(1000 + part * 6 + number) for number in range(6)])
    print(f"{mode}, patients {part * 6} to {part * 6 + 5}: {len(tools)} calls, {size} bytes, {len(found)} leaked")
    assert found == {}
