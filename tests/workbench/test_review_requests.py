from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from review_home import (
    OTHER_PASSPHRASE,
    OTHER_REVIEWER,
    PASSPHRASE,
    REVIEWER,
    ReviewHome,
    accept_all,
    add_draft,
    copy_review_home,
    make_review_template,
    named,
    of,
    opened,
    prepared,
    sign_request,
)

from openmed_agent.errors import InputError, NotPermittedError, StoreError
from openmed_agent.workbench.client import Workbench
from openmed_agent.workbench.requests.comparisons import Comparison
from openmed_agent.workbench.requests.reviews import (
    AcceptTogether,
    CheckDestination,
    CompareRevisions,
    CreateReviewer,
    Decide,
    Decided,
    Destination,
    PrepareSigning,
    ReviewerCreated,
    SignedBundle,
    SignReview,
    SignSummary,
)
from openmed_agent.workflows.decisions import Decision
from openmed_agent.workflows.draft import Draft
from openmed_agent.workflows.review import start_review
from openmed_agent.workflows.review_trust import known_keys
from openmed_agent.workflows.verify import verify_bundle

WARFARIN = "Warfarin 5 mg by mouth once daily"
METFORMIN = "Metformin 500 mg by mouth twice daily"
WARNED = "Atorvastatin 400 mg by mouth at bedtime"
GAP = "No allergies are stated"
KNEE = "Pain of the left knee"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Draft]:
    folder = tmp_path_factory.mktemp("reviews")
    return folder, make_review_template(folder)


@pytest.fixture
def here(template: tuple[Path, Draft], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReviewHome:
    made = copy_review_home(*template, tmp_path)
    monkeypatch.setenv("OPENMED_HOME", str(made.home))
    monkeypatch.setenv("OPENMED_STORE_KEY", "file")
    return made


@pytest.fixture
async def bench(here: ReviewHome) -> AsyncIterator[Workbench]:
    workbench = here.workbench()
    yield workbench
    await workbench.close()


@pytest.fixture
async def other_window(here: ReviewHome) -> AsyncIterator[Workbench]:
    workbench = here.workbench()
    yield workbench
    await workbench.close()


async def test_a_view_has_every_item_with_its_words_of_the_source(here: ReviewHome, bench: Workbench) -> None:
    view = await opened(bench, here.draft)
    assert view.reviewer == REVIEWER
    assert len(view.items) == len(here.draft.items)
    groups = [item.group for item in view.items]
    assert groups == sorted(groups, key=("must_decide", "not_stated", "supported").index)
    by_claim = {item.claim: item for item in view.items}
    assert by_claim[GAP].group == "not_stated"
    assert by_claim[WARNED].group == "must_decide"
    assert any("400" in warning for warning in by_claim[WARNED].warnings)
    assert by_claim[METFORMIN].conflicts == ("Metformin and CKD do not go together",)
    assert [one.against for one in by_claim[METFORMIN].evidence] == [False, True]
    text = view.sources[0].text
    for item in here.draft.items:
        shown = by_claim[item.claim]
        own = [text[one.start : one.end] for one in shown.evidence if not one.against]
        assert own == [span.quote for span in item.evidence]
        assert shown.alone == (item.severity == "high" or item.support != "supported" or bool(shown.warnings))


async def test_a_decision_outlives_the_working_process(
    here: ReviewHome, bench: Workbench, other_window: Workbench
) -> None:
    view = await opened(bench, here.draft)
    item = named(view)[WARFARIN]
    done = await bench.ask(Decide(**of(view), item=item, action="reject", reason="stopped in May"), Decided)  # type: ignore[arg-type]
    assert done.decisions[item].reason == "stopped in May"
    again = await opened(other_window, here.draft)
    assert [one.claim for one in again.items if one.decision] == [WARFARIN]
    # The one that was asked first goes on after its process was lost.
    await bench.close()
    done = await bench.ask(Decide(**of(view), item=item, action="accept"), Decided)  # type: ignore[arg-type]
    assert done.decisions[item].action == "accept"


async def test_rules_hold_on_this_side_of_the_wire(here: ReviewHome, bench: Workbench) -> None:
    view = await opened(bench, here.draft)
    items = named(view)
    broken = (
        Decide(**of(view), item=items[GAP], action="accept"),  # type: ignore[arg-type]
        Decide(**of(view), item=items[WARFARIN], action="reject"),  # type: ignore[arg-type]
        Decide(**of(view), item=items[WARFARIN], action="edit", text=WARFARIN),  # type: ignore[arg-type]
        Decide(**of(view), item=items[WARFARIN], action="edit", text="Warfarin\u202e 5 mg"),  # type: ignore[arg-type]
        Decide(**of(view), item="sha256:" + "0" * 64, action="accept"),  # type: ignore[arg-type]
    )
    for request in broken:
        with pytest.raises(InputError):
            await bench.ask(request, Decided)
    assert not any(item.decision for item in (await opened(bench, here.draft)).items)


async def test_what_must_be_decided_alone_is_never_accepted_with_others(here: ReviewHome, bench: Workbench) -> None:
    view = await opened(bench, here.draft)
    items = named(view)
    for alone in (WARFARIN, GAP, WARNED):
        with pytest.raises(NotPermittedError):
            await bench.ask(AcceptTogether(**of(view), items=(items[KNEE], items[alone])), Decided)  # type: ignore[arg-type]
    assert not any(item.decision for item in (await opened(bench, here.draft)).items)
    together = tuple(item.digest for item in view.items if not item.alone)
    done = await bench.ask(AcceptTogether(**of(view), items=together), Decided)  # type: ignore[arg-type]
    assert set(done.decisions) == set(together)


async def test_sign_and_write_what_was_shown(here: ReviewHome, bench: Workbench) -> None:
    view = await opened(bench, here.draft)
    with pytest.raises(NotPermittedError, match="not decided"):
        await prepared(bench, view)
    await accept_all(bench, view)
    summary = await prepared(bench, view)
    assert (summary.revision, summary.accepted, summary.changes) == (1, len(view.items), ())
    assert summary.destination == str(here.out / f"bundle-{here.draft.draft_id[:8]}")
    assert {file.name for file in summary.files} == {one.name for one in here.draft.artifacts}
    bundle = await bench.ask(sign_request(summary, Path(summary.destination)), SignedBundle)
    assert bundle.trusted
    assert bundle.answer == f"Yes: this is exactly what {REVIEWER} signed."
    assert all(file.good for file in bundle.files)
    await bench.close()
    with here.store() as store:
        report = verify_bundle(Path(summary.destination), known_keys(store, here.home / "config"))
    assert report.trusted
    assert report.signature is not None
    assert report.signature.attestation == "interactive"
    kept = b"".join(path.read_bytes() for path in here.home.rglob("*") if path.is_file())
    assert PASSPHRASE.encode() not in kept


async def test_what_was_changed_is_rendered_and_shown_before_it_is_signed(here: ReviewHome, bench: Workbench) -> None:
    view = await opened(bench, here.draft)
    items = named(view)
    await accept_all(bench, view)
    edited, dropped = items[WARNED], items["Metformin and CKD do not go together"]
    text = "Atorvastatin 40 mg by mouth at bedtime, since May"
    await bench.ask(Decide(**of(view), item=edited, action="edit", text=text), Decided)  # type: ignore[arg-type]
    await bench.ask(Decide(**of(view), item=dropped, action="reject", reason="no conflict"), Decided)  # type: ignore[arg-type]
    summary = await prepared(bench, view)
    assert summary.revision == 2
    assert (summary.accepted, summary.edited, summary.rejected) == (7, 1, 1)
    assert [(row.change, row.before, row.after or row.note) for row in summary.changes] == [
        ("changed", WARNED, text),
        ("removed", "Metformin and CKD do not go together", "no conflict"),
    ]
    assert any(text in content for _, content in summary.texts)
    second = await opened(bench, here.draft)
    assert second.revision == 2
    assert all(item.decision for item in second.items)
    between = await bench.ask(CompareRevisions(draft_id=view.draft_id, revision=2), Comparison)
    # 400 and 40 cannot both be what the same words say.
    assert {row.change for row in between.rows} == {"conflicting", "removed"}
    with pytest.raises(NotPermittedError, match="newer revision"):
        await bench.ask(Decide(**of(view), item=items[KNEE], action="accept"), Decided)  # type: ignore[arg-type]
    bundle = await bench.ask(sign_request(summary, here.out / "bundle"), SignedBundle)
    assert bundle.trusted
    assert "since May" in (here.out / "bundle" / "chart_summary.md").read_text()


async def test_decisions_changed_since_the_summary_are_not_signed(
    here: ReviewHome, bench: Workbench, other_window: Workbench
) -> None:
    view = await opened(bench, here.draft)
    await accept_all(bench, view)
    summary = await prepared(bench, view)
    again = Decide(**of(view), item=named(view)[GAP], action="accept", reason="another reason")  # type: ignore[arg-type]
    await other_window.ask(again, Decided)
    with pytest.raises(NotPermittedError, match="changed since it was shown"):
        await bench.ask(sign_request(summary, here.out / "bundle"), SignedBundle)
    with pytest.raises(NotPermittedError, match="changed since it was shown"):
        await bench.ask(sign_request(summary, here.out / "bundle", shown="sha256:" + "0" * 64), SignedBundle)
    with pytest.raises(NotPermittedError, match="changed since it was shown"):
        await bench.ask(sign_request(summary, here.out / "bundle", shown=""), SignedBundle)
    assert list(here.out.iterdir()) == []
    fresh = await prepared(bench, view)
    assert (await bench.ask(sign_request(fresh, here.out / "bundle"), SignedBundle)).trusted


async def test_nobody_signs_anothers_review(here: ReviewHome, bench: Workbench) -> None:
    created = await bench.ask(CreateReviewer(name=OTHER_REVIEWER, passphrase=OTHER_PASSPHRASE), ReviewerCreated)
    view = await opened(bench, here.draft, REVIEWER)
    await accept_all(bench, view)
    summary = await prepared(bench, view)
    with pytest.raises(NotPermittedError, match="not decided"):
        await bench.ask(
            sign_request(summary, here.out / "bundle", OTHER_PASSPHRASE, reviewer=created.name), SignedBundle
        )
    with pytest.raises(StoreError, match="2 tries left"):
        await bench.ask(sign_request(summary, here.out / "bundle", OTHER_PASSPHRASE), SignedBundle)
    for name in ("Dr. Nobody", ""):
        with pytest.raises((InputError, NotPermittedError)):
            await bench.ask(sign_request(summary, here.out / "bundle", reviewer=name), SignedBundle)
    assert list(here.out.iterdir()) == []


async def test_three_wrong_passphrases_close_the_sign_off_and_lose_nothing(here: ReviewHome, bench: Workbench) -> None:
    view = await opened(bench, here.draft)
    await accept_all(bench, view)
    summary = await prepared(bench, view)
    for left in ("2 tries", "1 try", "0 tries"):
        with pytest.raises(StoreError, match=f"{left} left"):
            await bench.ask(sign_request(summary, here.out / "bundle", "not the passphrase"), SignedBundle)
    with pytest.raises(NotPermittedError, match="three times"):
        await bench.ask(sign_request(summary, here.out / "bundle"), SignedBundle)
    view = await opened(bench, here.draft)
    assert all(item.decision for item in view.items)
    summary = await prepared(bench, view)
    assert (await bench.ask(sign_request(summary, here.out / "bundle"), SignedBundle)).trusted


async def test_a_sign_request_works_once(here: ReviewHome, bench: Workbench) -> None:
    view = await opened(bench, here.draft)
    await accept_all(bench, view)
    request = sign_request(await prepared(bench, view), here.out / "bundle")
    await bench.ask(request, SignedBundle)
    before = {path.name: path.read_bytes() for path in (here.out / "bundle").iterdir()}
    for repeated in (request, request.model_copy(update={"destination": str(here.out / "second")})):
        with pytest.raises((InputError, NotPermittedError)):
            await bench.ask(repeated, SignedBundle)
    assert [path.name for path in here.out.iterdir()] == ["bundle"]
    assert before == {path.name: path.read_bytes() for path in (here.out / "bundle").iterdir()}


async def test_a_destination_is_a_new_folder_reached_without_a_link(here: ReviewHome, bench: Workbench) -> None:
    (here.out / "real").mkdir()
    (here.out / "link").symlink_to(here.out / "real")
    (here.out / "taken").mkdir()
    view = await opened(bench, here.draft)
    await accept_all(bench, view)
    summary = await prepared(bench, view)
    refused = (here.out / "link" / "bundle", here.out / "taken", here.home / "bundle", here.out / ".." / "bundle")
    for destination in refused:
        with pytest.raises((InputError, NotPermittedError)):
            await bench.ask(sign_request(summary, destination, "wrong, but never asked for"), SignedBundle)
    with pytest.raises(InputError):
        await bench.ask(CheckDestination(path=str(here.out / "taken")), Destination)
    typed = await bench.ask(CheckDestination(path=" link/bundle "), Destination)
    assert typed.path == str(here.out / "real" / "bundle")
    bundle = await bench.ask(sign_request(summary, Path(typed.path)), SignedBundle)
    assert bundle.trusted
    assert (here.out / "real" / "bundle" / "manifest.json").exists()


async def test_what_a_script_decided_is_undecided_on_the_screen(here: ReviewHome, bench: Workbench) -> None:
    with here.store() as store:
        session = start_review(store, here.draft.draft_id, REVIEWER, made="scripted", now=datetime.now(UTC))
        for item in session.draft.items:
            session.decide(Decision(item=item.digest, action="accept", reason="by a script"), now=datetime.now(UTC))
    view = await opened(bench, here.draft)
    assert not any(item.decision for item in view.items)
    with pytest.raises(NotPermittedError, match="not decided"):
        await bench.ask(PrepareSigning(**of(view)), SignSummary)  # type: ignore[arg-type]


async def test_an_expired_draft_is_refused_in_one_sentence(here: ReviewHome, bench: Workbench) -> None:
    with here.store() as store:
        draft = add_draft(store, hours=1, age=2)
    with pytest.raises(NotPermittedError, match="expired"):
        await opened(bench, draft)


async def test_with_several_reviewers_nobody_is_chosen_for_the_person(here: ReviewHome, bench: Workbench) -> None:
    await bench.ask(CreateReviewer(name=OTHER_REVIEWER, passphrase=OTHER_PASSPHRASE), ReviewerCreated)
    view = await opened(bench, here.draft)
    with pytest.raises(InputError, match="shorter than"):
        await bench.ask(CreateReviewer(name="Dr. Weak", passphrase="short"), ReviewerCreated)
    assert view.reviewer == ""
    assert set(view.reviewers) == {REVIEWER, OTHER_REVIEWER}
    with pytest.raises(InputError, match="Nobody is chosen"):
        await bench.ask(Decide(**of(view), item=named(view)[KNEE], action="accept"), Decided)  # type: ignore[arg-type]


def test_a_passphrase_is_in_no_text_form_of_its_request() -> None:
    signing = SignReview(
        draft_id="7f3a", revision=1, reviewer=REVIEWER, shown="", destination="/x", passphrase=PASSPHRASE
    )
    creating = CreateReviewer(name=REVIEWER, passphrase=PASSPHRASE)
    for request in (signing, creating):
        assert PASSPHRASE not in repr(request) + str(request)
    with pytest.raises(ValueError, match="passphrase") as refused:
        CreateReviewer.model_validate({"name": REVIEWER, "passphrase": [PASSPHRASE]})
    assert PASSPHRASE not in str(refused.value)
