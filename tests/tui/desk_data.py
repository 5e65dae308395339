"""What a scripted working process answers about workflows, drafts, planes, skills and privacy: all invented."""

from typing import Any

from faces import parts, reply

from openmed_agent.workbench.requests.comparisons import ChangeRow, Comparison
from openmed_agent.workbench.requests.drafts import BundleReport, DraftList, DraftRow
from openmed_agent.workbench.requests.paths import PathMatches
from openmed_agent.workbench.requests.planes import PlaneAnswered, PlaneSetUp, PlanesSetUp, ReleaseRow
from openmed_agent.workbench.requests.privacy import DeidentificationPlace, LabelCount, Piece, Preview, SavedResult
from openmed_agent.workbench.requests.skills import SkillList, SkillRow
from openmed_agent.workbench.requests.workflows import (
    DraftMade,
    InputFaults,
    RunPart,
    WorkflowInput,
    WorkflowList,
    WorkflowRow,
)

HOSTILE = "\x1b]52;c;aGFjaw==\x07\x1b[2J\x9b31m[@click=app.quit]x[/] \u202egpj.exe\u200b"

STEPS = ("read_documents", "list_problems", "list_medications", "assign_codes", "find_conflicts")
SUMMARY = WorkflowRow(
    identifier="chart_summary",
    version="1.0.0",
    title="Chart summary",
    description="One patient's notes and FHIR records in, a case card with the evidence behind every line out.",
    built_in=True,
    inputs=(
        WorkflowInput(
            name="note_path",
            type="document",
            description="A note as plain text, or a FHIR R4 bundle as JSON.",
            many=True,
        ),
        WorkflowInput(name="question", type="text", description="What the card shall answer.", required=False),
        WorkflowInput(
            name="setting", type="choice", description="Where the patient is seen.", choices=("ward", "clinic", "home")
        ),
    ),
    steps=STEPS,
)
KNOWN = WorkflowList(
    workflows=(SUMMARY,), phi_mode="deid", phi_modes=("full", "deid", "strict"), folder="/home/ada/charts"
)
MADE = DraftMade(
    draft_id="7f3a1c20" * 4,
    items=31,
    to_decide=11,
    expires="2026-11-23T09:10:00Z",
    warnings=("progress_note.txt names another date of birth than fhir.json.",),
    partial=("rxnorm",),
)


def draft(**changes: Any) -> DraftRow:
    row = DraftRow(
        draft_id=MADE.draft_id,
        revision=2,
        workflow="chart_summary",
        sources=("progress_note.txt", "fhir.json"),
        created="2026-11-22T09:10:00Z",
        expires="2026-11-23T09:10:00Z",
        items=31,
        left=11,
        state="draft",
    )
    return row.model_copy(update=changes)


DRAFTS = DraftList(
    drafts=(
        draft(),
        draft(draft_id="0b11c9d2" * 4, revision=1, state="finalizing", left=0, destination="/home/ada/charts/card-2"),
        draft(
            draft_id="c4e91a77" * 4,
            revision=3,
            created="2026-11-20T14:02:00Z",
            sources=("discharge_summary.txt",),
            state="committed",
            left=0,
            destination="/home/ada/charts/card-1",
        ),
        draft(draft_id="55aa0192" * 4, revision=1, created="2026-11-18T08:00:00Z", state="expired", left=31),
    )
)
COMPARISON = Comparison(
    before="c4e91a77 revision 3, 2026-11-20 14:02 UTC",
    after="7f3a1c20 revision 2, 2026-11-22 09:10 UTC",
    same=27,
    rows=(
        ChangeRow(
            change="conflicting",
            kind="medication",
            before="Furosemide 40 mg PO daily",
            after="Furosemide 40 mg PO, stopped on 11/19",
        ),
        ChangeRow(
            change="changed", kind="medication", before="Lisinopril 10 mg PO daily", after="Lisinopril 20 mg PO daily"
        ),
        ChangeRow(change="removed", kind="lab", before="Potassium 5.9 mmol/L"),
        ChangeRow(change="added", kind="problem", after="Gout"),
    ),
)
BUNDLE = BundleReport(
    folder="/home/ada/charts/card-1",
    trusted=True,
    answer="Yes: this is exactly what Dr. Ada Invented signed.",
    files=(("chart_summary.md", "as signed"), ("decisions.json", "as signed"), ("manifest.json", "as signed")),
    facts=(("Signed by", "Dr. Ada Invented"), ("Key", "known here"), ("Signed", "2026-11-20 14:20 UTC")),
    problems=(),
)
TAMPERED = BUNDLE.model_copy(
    update={
        "trusted": False,
        "answer": "No: this is not a bundle as a reviewer signed it.",
        "files": (("chart_summary.md", "was changed"), (f"{HOSTILE}.json", "is not in the manifest")),
    }
)
PLANES = PlanesSetUp(
    planes=(
        PlaneSetUp(name="inference"),
        PlaneSetUp(name="codes", address="https://codes.hospital.example", remote=True, state="configured"),
    ),
    releases=(
        ReleaseRow(system="rxnorm", version="2026-11-02", complete=True, concepts=118_202),
        ReleaseRow(system="rxnorm", version="2026-08-03", complete=True, concepts=117_544, used=False),
    ),
    literature=False,
)
CODES = PlaneAnswered(
    name="codes",
    service="openmed-agent-codes",
    version="0.1.0",
    capabilities=("icd10cm", "hcc", "rxnorm"),
    releases=(
        ReleaseRow(system="icd10cm", version="FY2027", complete=True, concepts=74_900),
        ReleaseRow(system="icd9cm_gems", version="GEMs of 2015", complete=False, concepts=14_567),
    ),
)
SKILLS = SkillList(
    skills=(
        SkillRow(
            name="citing-evidence",
            description="Tie every statement about a record to the exact words and place it comes from.",
            origin="built_in",
            text="# Citing evidence\n\n1. One statement, one place.\n2. Quote, do not paraphrase.",
        ),
        SkillRow(
            name="ward-round",
            description="How the ward of this project writes its letters.",
            origin="project",
            text="# Ward round\n\nBegin with what has to be decided today.",
        ),
    ),
    problems=("project skill half-made: There is no SKILL.md.",),
)
NOTE = "Patient: Ada Invented, born 04/01/1931.\nSeen in Springfield for heart failure.\n"
PREVIEW = Preview(
    original=(
        Piece(text="Patient: "),
        Piece(text="Ada", label="first_name"),
        Piece(text=" "),
        Piece(text="Invented", label="last_name"),
        Piece(text=", born "),
        Piece(text="04/01/1931", label="date_of_birth"),
        Piece(text=".\nSeen in "),
        Piece(text="Springfield", label="city"),
        Piece(text=" for heart failure.\n"),
    ),
    result=(
        Piece(text="Patient: "),
        Piece(text="[first_name]", label="first_name"),
        Piece(text=" "),
        Piece(text="[last_name]", label="last_name"),
        Piece(text=", born "),
        Piece(text="[date_of_birth]", label="date_of_birth"),
        Piece(text=".\nSeen in "),
        Piece(text="[city]", label="city"),
        Piece(text=" for heart failure.\n"),
    ),
    counts=tuple(LabelCount(label=one, count=1) for one in ("city", "date_of_birth", "first_name", "last_name")),
    digest="sha256:9c1e4b77" + "0" * 56,
)
SAVED = SavedResult(path="/home/ada/charts/copy.txt", digest=PREVIEW.digest, bytes=111)
SCRIPT: dict[str, Any] = {
    "workflows.list": reply(KNOWN),
    "workflows.check": reply(InputFaults(faults={})),
    "workflows.run": parts(
        RunPart(draft_id=MADE.draft_id),
        *(RunPart(step=step) for step in STEPS),
        RunPart(made=MADE),
    ),
    "paths.complete": reply(PathMatches(matches=())),
    "drafts.list": reply(DRAFTS),
    "drafts.compare": reply(COMPARISON),
    "drafts.verify": reply(BUNDLE),
    "planes.describe": reply(PLANES),
    "planes.check": reply(CODES),
    "skills.list": reply(SKILLS),
    "privacy.describe": reply(DeidentificationPlace()),
    "privacy.preview": reply(PREVIEW),
    "privacy.save": reply(SAVED),
}
