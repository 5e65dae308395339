"""A caller inside the process that hands over a draft which the store does not keep: nothing of it is ever written."""

import contextlib

import pytest
from review_samples import NOON, SITE, Ward

from openmed_agent.errors import OpenMedError
from openmed_agent.workflows.draft import Card, Draft, payload_digest
from openmed_agent.workflows.finalize import finalize
from openmed_agent.workflows.review import ReviewSession


def swapped_files(draft: Draft) -> Draft:
    first, second = draft.artifacts
    return draft.model_copy(
        update={
            "artifacts": (
                first.model_copy(update={"digest": second.digest, "bytes": second.bytes}),
                second.model_copy(update={"digest": first.digest, "bytes": first.bytes}),
            )
        }
    )


def without_the_first_item(draft: Draft) -> Draft:
    kept = draft.items[1:]
    cards = tuple(
        Card(id=card.id, type=card.type, title=card.title, items=tuple(item.digest for item in kept))
        for card in draft.cards
    )
    return draft.model_copy(update={"items": kept, "cards": cards})


def other_mode(draft: Draft) -> Draft:
    return draft.model_copy(update={"phi_mode": "full"})


def other_source_name(draft: Draft) -> Draft:
    (source,) = draft.sources
    return draft.model_copy(update={"sources": (source.model_copy(update={"name": "another-patient.txt"}),)})


def later_end(draft: Draft) -> Draft:
    return draft.model_copy(update={"expires": "2099-01-01T00:00:00Z"})


@pytest.mark.parametrize("change", [swapped_files, without_the_first_item, other_mode, other_source_name, later_end])
@pytest.mark.parametrize("consistent", [False, True], ids=["digest as it was", "digest made to fit"])
def test_a_draft_that_is_not_the_stored_one_is_never_written(ward: Ward, change: object, *, consistent: bool) -> None:
    assert callable(change)
    ward.reviewed()
    forged: Draft = change(ward.draft)
    if consistent:
        forged = forged.model_copy(update={"payload_digest": payload_digest(forged)})
    assert forged != ward.draft
    session = ReviewSession(ward.store, forged, ward.signer.reviewer, made="interactive")
    with contextlib.suppress(OpenMedError):
        token = ward.sign(session)
        with pytest.raises(OpenMedError):
            finalize(ward.store, token, home=ward.home, now=NOON, policy=SITE)
    assert list(ward.out.iterdir()) == []
    # The honest way is still open.
    finalize(ward.store, ward.sign(ward.session()), home=ward.home, now=NOON, policy=SITE)
