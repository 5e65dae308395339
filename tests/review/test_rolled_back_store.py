"""Finalizing on a store of which single pages, or the clock, were put back by someone without the key."""

import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest
from review_samples import NOON, REVIEWER, Ward

from openmed_agent.errors import NotPermittedError, OpenMedError
from openmed_agent.store import open_store
from openmed_agent.store.layout import StoreLayout
from openmed_agent.workflows.approval import ApprovalToken
from openmed_agent.workflows.approval_signing import SignPolicy
from openmed_agent.workflows.decisions import Decision
from openmed_agent.workflows.finalize import finalize
from openmed_agent.workflows.reviewer import retire_reviewer

PAGE = 4096


def retire(ward: Ward, token: ApprovalToken) -> None:  # noqa: ARG001 - each act has this shape
    retire_reviewer(ward.store, REVIEWER, now=NOON)


def reject(ward: Ward, token: ApprovalToken) -> None:  # noqa: ARG001 - each act has this shape
    session = ward.session()
    item = session.draft.items[0].digest
    session.decide(Decision(item=item, action="reject", reason="the dose is wrong"), now=NOON)


def use(ward: Ward, token: ApprovalToken) -> None:
    finalize(ward.store, token, home=ward.home, now=NOON, policy=SignPolicy())
    (ward.out / "bundle").rename(ward.out / "moved")


@pytest.mark.parametrize("act", [retire, reject, use])
def test_no_bundle_is_written_once_single_pages_were_put_back(
    ward: Ward, act: Callable[[Ward, ApprovalToken], None]
) -> None:
    """After the act the approval must never pass, whichever one or two pages are the older ones."""
    token = ward.sign(ward.reviewed())
    ward.store.close()
    path, head = StoreLayout(ward.home).database, StoreLayout(ward.home).head
    old = path.read_bytes()
    ward.store = open_store(ward.home, custody="file", clock=ward.time)
    act(ward, token)
    ward.store.close()
    new, signed_head = path.read_bytes(), head.read_bytes()
    changed = [at for at in range(0, len(old), PAGE) if old[at : at + PAGE] != new[at : at + PAGE]]
    assert len(changed) > 1
    for chosen in itertools.chain.from_iterable(itertools.combinations(changed, count) for count in (1, 2)):
        mixed = bytearray(new)
        for at in chosen:
            mixed[at : at + PAGE] = old[at : at + PAGE]
        path.write_bytes(mixed)
        head.write_bytes(signed_head)
        with (
            pytest.raises(OpenMedError),
            open_store(ward.home, custody="file", clock=ward.time) as store,
        ):
            finalize(store, token, home=ward.home, now=NOON, policy=SignPolicy())
        assert not (ward.out / "bundle").exists(), chosen
    path.write_bytes(new)
    ward.store = open_store(ward.home, custody="file", clock=ward.time)


@pytest.mark.parametrize("back", [timedelta(seconds=1), timedelta(hours=20), timedelta(days=650)])
def test_an_approval_does_not_hold_while_the_clock_is_before_its_time(ward: Ward, back: timedelta) -> None:
    """Else a clock that was moved back would keep an approval alive for ever."""
    token = ward.sign(ward.reviewed())
    ward.time.now = NOON - back
    with pytest.raises(NotPermittedError, match="clock"):
        finalize(ward.store, token, home=ward.home, now=ward.time.now, policy=SignPolicy())
    assert not (ward.out / "bundle").exists()


def test_a_clock_that_was_once_far_ahead_is_said_and_a_reset_voids_what_was_signed(ward: Ward) -> None:
    token = ward.sign(ward.reviewed())
    ward.store.note_time(NOON.replace(year=2099))
    with pytest.raises(NotPermittedError, match=r"has seen the date 2099-03-02.*openmed audit clock --reset"):
        ward.session()
    assert ward.store.lower_clock_floor(NOON) == 1
    with pytest.raises(NotPermittedError, match="used before"):
        finalize(ward.store, token, home=ward.home, now=NOON, policy=SignPolicy())
    ward.session()  # the draft itself is open again
    assert ward.store.audit.verify().ok
