"""What takes long in a review is done beside the loop of the working process: in its order, whole, and once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from review_home import (
    ReviewHome,
    accept_all,
    copy_review_home,
    make_review_template,
    of,
    opened,
    prepared,
    sign_request,
)

from openmed_agent.errors import NotPermittedError, OpenMedError
from openmed_agent.store.locking import exclusive
from openmed_agent.workbench.client import Workbench
from openmed_agent.workbench.requests.reviews import Decide, Decided, SignedBundle
from openmed_agent.workbench.requests.sessions import ListSessions, SessionList
from openmed_agent.workflows.draft import Draft

SOON_SECONDS = 5.0
WRONG = "certainly not this one"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Draft]:
    folder = tmp_path_factory.mktemp("reviews")
    return folder, make_review_template(folder)


@pytest.fixture
async def here(template: tuple[Path, Draft], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReviewHome:
    made = copy_review_home(*template, tmp_path)
    monkeypatch.setenv("OPENMED_HOME", str(made.home))
    monkeypatch.setenv("OPENMED_STORE_KEY", "file")
    return made


@pytest.fixture
async def bench(here: ReviewHome) -> AsyncIterator[Workbench]:
    workbench = here.workbench()
    yield workbench
    await workbench.close()


async def test_others_are_answered_while_signing_waits_and_decisions_come_after_it(
    bench: Workbench, here: ReviewHome
) -> None:
    view = await opened(bench, here.draft)
    await accept_all(bench, view)
    summary = await prepared(bench, view)
    wrong = sign_request(summary, here.out / "bundle", WRONG)
    refusals = await asyncio.gather(*(bench.ask(wrong, SignedBundle) for _ in range(2)), return_exceptions=True)
    told = [one.message for one in refusals if isinstance(one, OpenMedError)]  # tries at once are counted one by one
    assert [one.partition("wrong. ")[2] for one in told] == ["2 tries left.", "1 try left."]
    change = Decide(**of(view), item=view.items[0].digest, action="reject", reason="late")  # type: ignore[arg-type]
    with exclusive(here.home / "finalize.lock", seconds=1):  # as another process that finalizes
        signing = asyncio.create_task(bench.ask(sign_request(summary, here.out / "bundle"), SignedBundle))
        await asyncio.sleep(0.5)
        late = asyncio.create_task(bench.ask(change, Decided))
        for _ in range(3):
            await asyncio.wait_for(bench.ask(ListSessions(), SessionList), SOON_SECONDS)
        assert not signing.done()
        assert not late.done()
        assert not (here.out / "bundle").exists()
    bundle = await signing
    assert (bundle.trusted, bundle.problems) == (True, ())
    with pytest.raises(NotPermittedError, match="finalized"):
        await late
    with here.store() as store:
        (approval,) = store.approvals.of_draft(here.draft.draft_id)
        assert approval.state == "committed"
        assert store.audit.verify().ok


async def test_signing_that_nobody_waits_for_any_more_comes_to_its_end(bench: Workbench, here: ReviewHome) -> None:
    view = await opened(bench, here.draft)
    await accept_all(bench, view)
    summary = await prepared(bench, view)
    with exclusive(here.home / "finalize.lock", seconds=1):
        signing = asyncio.create_task(bench.ask(sign_request(summary, here.out / "bundle"), SignedBundle))
        await asyncio.sleep(1.5)  # by now it was signed, and waits to be finalized
        signing.cancel()
        await asyncio.gather(signing, return_exceptions=True)
    reopened = asyncio.create_task(opened(bench, here.draft))  # comes after it, and finds the draft done
    with pytest.raises(NotPermittedError, match="finalized"):
        await reopened
    with here.store() as store:
        assert [one.state for one in store.approvals.of_draft(here.draft.draft_id)] == ["committed"]
    assert (here.out / "bundle" / "manifest.json").exists()
