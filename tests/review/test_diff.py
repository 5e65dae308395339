from pathlib import Path

import pytest
from review_samples import NOON, SITE, Ward, content, render, source

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.errors import CheckFailedError
from openmed_agent.workflows.diff import compare_drafts, draft_of_bundle
from openmed_agent.workflows.draft import Code, Draft, EvidenceSpan, Item, ItemKind, make_item
from openmed_agent.workflows.drafting import make_draft
from openmed_agent.workflows.finalize import finalize

DOCUMENT = source()
ASTHMA = Code(system="icd10cm", code="J45.909", display="asthma", release="2026")


def draft(*items: Item) -> Draft:
    chosen = content(DOCUMENT, items)
    return make_draft(chosen, render(chosen), phi_mode="deid", created=NOON, expires=NOON.replace(year=2027))


def item(
    claim: str, kind: ItemKind = "medication", quote: str = "", *codes: Code, assertion: Assertion | None = None
) -> Item:
    start = DOCUMENT.text.index(quote)
    spans = (EvidenceSpan(source=DOCUMENT.digest, start=start, end=start + len(quote), quote=quote),) if quote else ()
    return make_item(
        kind=kind,
        claim=claim,
        support="supported" if quote else "uncertain",
        severity="normal",
        assertion=assertion or Assertion(),
        codes=codes,
        evidence=spans,
    )


def test_a_draft_equals_itself() -> None:
    one = draft(item("warfarin 5 mg"), item("HbA1c 7.1 %", "lab"))
    comparison = compare_drafts(one, one)
    assert (comparison.same, comparison.equal) == (2, True)


def test_what_only_one_has_is_added_or_removed() -> None:
    aspirin, statin = item("aspirin 81 mg"), item("atorvastatin 20 mg")
    comparison = compare_drafts(draft(aspirin), draft(statin))
    assert (comparison.added, comparison.removed) == ((statin,), (aspirin,))
    assert comparison.changed == comparison.conflicting == ()


def test_the_same_subject_with_another_amount_elsewhere_is_a_change() -> None:
    before, after = item("warfarin 5 mg daily"), item("warfarin 2.5 mg daily")
    comparison = compare_drafts(draft(before), draft(after))
    assert [(pair.before, pair.after) for pair in comparison.changed] == [(before, after)]


def test_the_same_words_read_as_another_number_is_a_conflict() -> None:
    before = item("warfarin 5 mg", "medication", "Warfarin 5 mg")
    after = item("warfarin 50 mg", "medication", "Warfarin 5 mg")
    assert len(compare_drafts(draft(before), draft(after)).conflicting) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (item("chest pain", "problem"), item("chest pain", "absent_finding")),
        (item("warfarin 5 mg"), item("warfarin", "stopped_medication")),
        (item("asthma", "problem"), item("asthma", "problem", assertion=Assertion(negated=True))),
        (item("asthma", "problem"), item("asthma", "family_history", assertion=Assertion(experiencer="family"))),
        (
            item("wheezing disease", "problem", "", ASTHMA),
            item("no asthma", "absent_finding", "", ASTHMA, assertion=Assertion(negated=True)),
        ),
    ],
)
def test_what_cannot_both_be_true_is_a_conflict(before: Item, after: Item) -> None:
    comparison = compare_drafts(draft(before), draft(after))
    assert [(pair.before, pair.after) for pair in comparison.conflicting] == [(before, after)]
    assert comparison.added == comparison.removed == comparison.changed == ()


def test_kinds_of_different_families_are_never_paired() -> None:
    comparison = compare_drafts(draft(item("potassium 4.1", "lab")), draft(item("potassium 20 mmol")))
    assert (len(comparison.added), len(comparison.removed)) == (1, 1)


def test_a_bundle_is_compared_by_what_was_signed(ward: Ward) -> None:
    session = ward.reviewed()
    done = finalize(ward.store, ward.sign(session), home=ward.home, now=NOON, policy=SITE)
    assert compare_drafts(session.draft, draft_of_bundle(done.destination)).equal
    (done.destination / "summary.md").write_text("# Summary\n")
    with pytest.raises(CheckFailedError):
        draft_of_bundle(done.destination)


def test_a_folder_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckFailedError):
        draft_of_bundle(tmp_path)
