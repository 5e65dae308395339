import sys
from pathlib import Path

import pytest
from command_line import Machine

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from seeded_errors import CHARTS, Planted, plant

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.errors import NotPermittedError
from openmed_agent.text.sources import SourceDocument, source_from_bytes
from openmed_agent.workflows.decisions import accept_together, must_decide_individually
from openmed_agent.workflows.draft import Draft, EvidenceSpan, Item, make_item
from openmed_agent.workflows.review_evidence import contradictions
from openmed_agent.workflows.review_order import in_order_of_review
from openmed_agent.workflows.review_source import evidence_excerpts, lines_of


def chart(machine: Machine, name: str) -> tuple[Draft, SourceDocument]:
    (machine.folder / name).write_text(CHARTS[name])
    outcome = machine.openmed("run", "chart_summary", "--input", f"note_path={name}", "--json")
    return Draft.model_validate(outcome.json()), source_from_bytes(name, CHARTS[name].encode())


def with_item(draft: Draft, planted: Planted) -> Draft:
    """Return the draft with the planted item in the place of the genuine one, whatever its payload digest."""
    items = tuple(planted.item if item.digest == planted.genuine.digest else item for item in draft.items)
    return draft.model_copy(update={"items": items})


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_planted_errors_meet_the_reviewer_one_by_one_with_their_source(machine: Machine, name: str) -> None:
    draft, document = chart(machine, name)
    sources = {document.digest: document}
    planted = [one for item in draft.items for one in plant(item)]
    assert len(planted) > 20
    assert {one.error for one in planted} >= {"dose x 10", "denied -> stated", "stated -> denied"}
    assert any(one.item.severity == "high" for one in planted)
    for one in planted:
        warnings = contradictions(one.item, sources)
        seen, together = in_order_of_review(with_item(draft, one), {one.item.digest: warnings} if warnings else {})
        assert (one.item in seen) != (one.item in together)
        if one.item.severity == "high":
            assert must_decide_individually(one.item)
            assert one.item in seen
            with pytest.raises(NotPermittedError):
                accept_together(with_item(draft, one), [one.item.digest])
        if one.error in {"dose x 10", "dose / 10", "frequency", "denied -> stated", "stated -> denied"}:
            assert warnings, (one.error, one.item.claim)
            assert one.item in seen
        marked = [
            piece.text
            for excerpt in evidence_excerpts(one.item.evidence, lines_of((document,)), context=2)
            for line in excerpt.lines
            for piece in line.pieces
            if piece.marked
        ]
        assert "".join(marked).replace(" ", "") in "".join(
            span.quote for span in sorted(one.item.evidence, key=lambda span: span.start)
        ).replace(" ", "").replace("\n", "")


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_genuine_items_are_not_warned_of(machine: Machine, name: str) -> None:
    draft, document = chart(machine, name)
    assert [item.claim for item in draft.items if contradictions(item, {document.digest: document})] == []


NOTE = """\
MEDICATIONS
- Warfarin 5 mg PO daily
- Metformin 1,000 mg PO twice a day

HISTORY
Denies chest pain and syncope. Swelling of the left leg. No fever.
"""
DOCUMENT = source_from_bytes("note.txt", NOTE.encode())


def item(kind: str, claim: str, quote: str, *, negated: bool = False) -> Item:
    start = NOTE.index(quote)
    span = EvidenceSpan(source=DOCUMENT.digest, start=start, end=start + len(quote), quote=quote)
    return make_item(
        kind=kind,  # type: ignore[arg-type] - the model checks it
        claim=claim,
        support="supported",
        severity="normal",
        assertion=Assertion(negated=negated),
        evidence=(span,),
    )


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (item("medication", "Warfarin 50 mg once daily", "Warfarin 5 mg PO daily"), "50 mg"),
        (item("medication", "Warfarin 5 mcg once daily", "Warfarin 5 mg PO daily"), "5 mcg"),
        (item("medication", "Warfarin 5 mg twice daily", "Warfarin 5 mg PO daily"), "twice daily"),
        (item("problem", "Swelling of the right leg", "Swelling of the left leg"), "right"),
        (item("problem", "chest pain", "chest pain"), "absent"),
        (item("problem", "syncope", "syncope"), "absent"),
        (item("absent_finding", "No swelling of the left leg", "Swelling of the left leg", negated=True), "absent"),
    ],
    ids=lambda value: value.claim if isinstance(value, Item) else None,
)
def test_a_visible_contradiction_is_said(one: Item, words: str) -> None:
    assert any(words in sentence for sentence in contradictions(one, {DOCUMENT.digest: DOCUMENT}))


@pytest.mark.parametrize(
    "one",
    [
        item("medication", "Warfarin 5 mg by mouth once daily", "Warfarin 5 mg PO daily"),
        item("medication", "Metformin 1000 mg by mouth twice daily", "Metformin 1,000 mg PO twice a day"),
        item("problem", "Swelling of the left leg", "Swelling of the left leg"),
        item("absent_finding", "No chest pain", "chest pain", negated=True),
        item("absent_finding", "No fever", "fever", negated=True),
    ],
    ids=lambda value: value.claim,
)
def test_other_words_for_the_same_are_no_contradiction(one: Item) -> None:
    assert contradictions(one, {DOCUMENT.digest: DOCUMENT}) == ()


def test_long_hostile_evidence_is_read_in_bounded_time() -> None:
    text = "5 mg " * 200_000
    document = source_from_bytes("long.txt", text.encode())
    span = EvidenceSpan(source=document.digest, start=0, end=len(text), quote=text)
    one = make_item(
        kind="medication",
        claim="Warfarin 50 mg",
        support="supported",
        severity="high",
        assertion=Assertion(),
        evidence=(span,),
    )
    assert contradictions(one, {document.digest: document})
