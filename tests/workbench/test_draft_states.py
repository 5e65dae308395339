"""What becomes of drafts, as the list tells it: from the first decision to a bundle that somebody changed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from review_home import accept_all, copy_review_home, make_review_template, opened, prepared, put, sign_request

from openmed_agent.workbench.requests.drafts import BundleReport, DraftList, DraftRow, ListDrafts, VerifyBundle
from openmed_agent.workbench.requests.reviews import SignedBundle
from openmed_agent.workflows.drafting import moment


async def test_a_draft_is_open_then_committed_and_its_bundle_is_verified(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = tmp_path_factory.mktemp("states")
    here = copy_review_home(template, make_review_template(template), tmp_path)
    monkeypatch.setenv("OPENMED_HOME", str(here.home))
    monkeypatch.setenv("OPENMED_STORE_KEY", "file")
    old = datetime.now(UTC) - timedelta(days=2)
    with here.store() as store:
        late = here.draft.model_copy(
            update={
                "draft_id": "ab" * 16,
                "created": moment(old),
                "expires": moment(old + timedelta(hours=1)),
            }
        )
        put(store, late)
    bench = here.workbench()

    async def rows() -> dict[str, DraftRow]:
        return {row.draft_id: row for row in (await bench.ask(ListDrafts(), DraftList)).drafts}

    try:
        before = await rows()
        assert before[late.draft_id].state == "expired"
        assert before[here.draft.draft_id].left == len(here.draft.items)
        view = await opened(bench, here.draft)
        await accept_all(bench, view.model_copy(update={"items": view.items[:3]}))
        assert (await rows())[here.draft.draft_id].left == len(here.draft.items) - 3
        await accept_all(bench, view)
        assert (await rows())[here.draft.draft_id].left == 0
        assert (await rows())[here.draft.draft_id].state == "draft"
        bundle = here.out / "bundle"
        await bench.ask(sign_request(await prepared(bench, view), bundle), SignedBundle)
        after = (await rows())[here.draft.draft_id]
        assert (after.state, after.destination) == ("committed", str(bundle))
        report = await bench.ask(VerifyBundle(folder="bundle"), BundleReport)
        assert report.trusted
        assert {state for _, state in report.files} == {"as signed"}
        written = bundle / "chart_summary.md"
        written.chmod(0o600)
        written.write_bytes(written.read_bytes() + b" ")
        changed = await bench.ask(VerifyBundle(folder="bundle"), BundleReport)
        assert not changed.trusted
        assert dict(changed.files)["chart_summary.md"] == "was changed"
    finally:
        await bench.close()
