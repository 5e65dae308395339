"""What a scripted working process says in a conversation, and the pieces to say more."""

from typing import Any, Final

from faces import parts, reply

from openmed_agent.runtime.events import (
    AnswerDelta,
    Answered,
    CallAnnounced,
    CallRecord,
    Event,
    PermissionAsked,
    PlanChanged,
    ReasoningShown,
    ToolEnded,
    ToolStarted,
    TurnEnded,
    TurnStarted,
)
from openmed_agent.workbench.requests.sessions import StoreOpened
from openmed_agent.workbench.requests.status import BenchStatus, PlaneStatus
from openmed_agent.workbench.requests.turns import ModelStatus, OpenedSession, TurnPart
from openmed_agent.workbench.wire import Done

MODEL: Final = ModelStatus(name="qwen3:8b", host="127.0.0.1:11434", local=True, source="local")
REMOTE: Final = ModelStatus(name="gpt-5.2", host="api.openai.com", source="login")
TITLE: Final = "Chart of 2026-11-20"
ANSWER: Final = (
    "Two things need a **decision** before this can be signed:\n\n- metformin is listed as taken and as stopped last "
    "week\n- furosemide has no indication in the note\n\n| medicine | dose | release |\n|--|--|--|\n"
    "| metformin | 500 mg twice daily | partial |\n| lisinopril | 10 mg daily | partial |\n"
)
DIFF: Final = "--- report.txt\n+++ report.txt\n@@ -1 +1,2 @@\n-metformin 500 mg\n+metformin: stopped 2026-11-13\n+check"


def script(*events: Event, open_ended: bool = False, model: ModelStatus = MODEL, **more: Any) -> dict[str, Any]:
    """Return a script in which every turn has these events."""
    session = OpenedSession(
        session_id="s1",
        title=TITLE,
        phi_mode="deid",
        agent_mode="clinical",
        model=model,
        window=32_768,
        last_sequence=0,
    )
    planes = (
        PlaneStatus(plane="inference", state="running"),
        PlaneStatus(plane="codes", state="not started"),
    )
    return {
        "sessions.unlock": reply(StoreOpened(custody="keyring")),
        "turns.find_model": reply(model),
        "turns.open": reply(session),
        "turns.ask": parts(*(TurnPart(event=event) for event in events), open_ended=open_ended),
        "status.look": reply(BenchStatus(planes=planes, audited=True, title=TITLE)),
        **{f"turns.{act}": reply(Done()) for act in ("steer", "queue", "interrupt", "permit", "close")},
        **more,
    }


def started(shown: str = "Summarise @progress_note.txt and check her medicines.") -> TurnStarted:
    """Return the beginning of a turn."""
    modes = {"model": MODEL.name, "host": MODEL.host, "phi_mode": "deid", "agent_mode": "clinical"}
    return TurnStarted.model_validate({"sequence": 1, "turn": 1, "shown": shown, "local_text": shown, **modes})


def asked(*, preview: str = DIFF, title: str = "write_file /charts/report.txt") -> PermissionAsked:
    """Return a question whether a file may be written."""
    return PermissionAsked(
        call_id="call_1_2_1",
        tool="write_file",
        subject="/charts/report.txt",
        title=title,
        preview=preview,
        reason="This changes something.",
        scopes=("once", "session", "always"),
    )


def chart_turn() -> tuple[Event, ...]:
    """Return a turn that looks at a chart, up to its answer."""
    steps = (("read the note", "done"), ("extract medicines", "done"), ("reconcile", "active"), ("draft", "pending"))
    record = CallRecord(
        call_id="call_1_1_1", tool="extract_entities", model_arguments="{}", shown_arguments='{"path":"note.txt"}'
    )
    return (
        started(),
        PlanChanged.model_validate({"sequence": 2, "steps": steps}),
        ReasoningShown(shown="First I read the note, then I look for medicines."),
        CallAnnounced(tool="extract_entities"),
        Answered(sequence=3, model_text="", shown="", calls=(record,), finish="tool_calls", input_tokens=9_000),
        ToolStarted(call_id="call_1_1_1", tool="extract_entities", title="extract_entities progress_note.txt"),
        ended(5, "extract_entities", "progress_note.txt · 14 entities", call_id="call_1_1_1", seconds=0.08),
        ended(6, "rxnorm_lookup", "3 of 3 normalised, release partial", seconds=0.01),
        ended(7, "read_file", "There is no such file.", outcome="failed"),
        ended(8, "run_workflow", "med_rec_discrepancy · draft ready", kind="draft", body="3 items", seconds=1.2),
        *(AnswerDelta(shown=ANSWER[place : place + 20]) for place in range(0, len(ANSWER), 20)),
        Answered(sequence=9, model_text="", shown=ANSWER, finish="stop", input_tokens=10_200, output_tokens=90),
    )


def ended(sequence: int, tool: str, title: str, *, call_id: str = "", **more: Any) -> ToolEnded:
    """Return the end of a call."""
    given = {"call_id": call_id or f"call_{sequence}", "outcome": "done", "body": "", "seconds": 0.0, **more}
    return ToolEnded.model_validate({"sequence": sequence, "tool": tool, "title": title, "local_text": "x", **given})


def over(sequence: int = 20) -> TurnEnded:
    """Return the end of a turn."""
    return TurnEnded(sequence=sequence, turn=1, outcome="done", exit_status=0)
