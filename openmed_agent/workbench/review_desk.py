"""The review that is open: one draft's revision, one reviewer, and what every request about it is held against.

The desk holds nothing that the store does not. Each request names the revision and the reviewer that are on the screen;
where those are no longer what the store has, it is refused. Every act is given the connection to the store on which it
is done, since what takes long is done in a thread; whoever asks for acts holds ``in_turn``, so that they come one after
the other.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from openmed_agent.errors import InputError, NotPermittedError, StoreError, UnavailableError
from openmed_agent.workbench.requests.reviews import AcceptTogether, Decide, OfReview, SignReview
from openmed_agent.workflows.approval_destination import check_destination, checked_destination
from openmed_agent.workflows.approval_signing import SignPolicy, sign_review
from openmed_agent.workflows.decisions import Decision
from openmed_agent.workflows.draft import Draft
from openmed_agent.workflows.draft_renderer import renderer_of
from openmed_agent.workflows.draft_store import StoredDraft, load_draft
from openmed_agent.workflows.finalize import finalize, recover
from openmed_agent.workflows.review import ReviewSession, begin_review
from openmed_agent.workflows.review_order import Warnings, warnings_of
from openmed_agent.workflows.review_record import ReviewerReference
from openmed_agent.workflows.review_revision import final_session
from openmed_agent.workflows.reviewer import Signer, active_reviewers, unlock_reviewer

if TYPE_CHECKING:
    from openmed_agent.store.store import Store
    from openmed_agent.workbench.bench import Bench

_TRIES: Final = 3


@dataclass
class OpenedReview:
    """A review on the screen. ``reviewer`` is None where nobody is chosen to review."""

    stored: StoredDraft
    reviewer: ReviewerReference | None
    warnings: Warnings
    tries: int = _TRIES
    """How often the passphrase may still be wrong."""

    def session(self, store: "Store") -> ReviewSession | None:
        """Return the reviewer's session on a connection, None where nobody is chosen."""
        if self.reviewer is None:
            return None
        return ReviewSession(store, self.stored.draft, self.reviewer, made="interactive")


@dataclass(frozen=True, slots=True)
class DestinationFound:
    """Where a bundle would go; or, with an empty path, why it cannot go there."""

    path: str
    fault: str = ""


class ReviewDesk:
    """Where the open review is."""

    def __init__(self, bench: "Bench") -> None:
        self.in_turn = asyncio.Lock()
        self._bench = bench
        self._opened: OpenedReview | None = None

    def recover(self, store: "Store") -> tuple[str, ...]:
        """Finish or give up what a crash interrupted, and say what became of it."""
        return tuple(one.told() for one in recover(store, home=self._bench.paths.root))

    def open(self, store: "Store", draft_id: str, reviewer: str) -> OpenedReview:
        """Open the latest revision of a draft for a reviewer, or for the only one there is.

        Raises:
            InputError: there is no such draft or reviewer.
            NotPermittedError: the reviewer is retired, or the draft can no longer be reviewed.

        """
        active = active_reviewers(store)
        name = reviewer or (active[0] if len(active) == 1 else "")
        stored = load_draft(store, draft_id)
        session = begin_review(store, stored.draft, name, made="interactive", now=_now()) if name else None
        chosen = None if session is None else session.reviewer
        self._opened = OpenedReview(stored, chosen, warnings_of(stored.draft, stored.sources))
        return self._opened

    def decide(self, store: "Store", request: Decide) -> ReviewSession:
        """Record one decision, and return the session that has it on the disk."""
        session = self._session(store, request)
        session.decide(
            Decision(item=request.item, action=request.action, text=request.text, reason=request.reason), now=_now()
        )
        return session

    def accept_together(self, store: "Store", request: AcceptTogether) -> ReviewSession:
        """Accept several items at once, and return the session that has it on the disk.

        Raises:
            NotPermittedError: one of them must be decided on its own, or the evidence check warns of it.

        """
        session = self._session(store, request)
        if any(item in self._at(store, request).warnings for item in request.items):
            raise NotPermittedError("An item that disagrees with its source must be decided on its own.")
        session.accept_together(request.items, now=_now())
        return session

    def prepare(self, store: "Store", request: OfReview) -> ReviewSession:
        """Make the final revision where one is needed, and return the session on the revision to be signed.

        Raises:
            NotPermittedError: an item is undecided, every item was rejected, or the draft is no longer open.

        """
        opened, session = self._at(store, request), self._session(store, request)
        final = final_session(store, session, renderer_of(opened.stored, self._bench.paths), now=_now())
        if final is not session:
            stored = load_draft(store, final.draft.draft_id, final.draft.revision)
            self._opened = OpenedReview(stored, final.reviewer, warnings_of(stored.draft, stored.sources), opened.tries)
        return final

    @property
    def stored(self) -> StoredDraft:
        """The revision that is open.

        Raises:
            InputError: none is.

        """
        if self._opened is None:
            raise InputError("No review is open.", remedy="Open the draft first.")
        return self._opened.stored

    def default_destination(self, draft: Draft) -> str:
        """Return where the bundle would go unless the person says otherwise: the draft's own, or a new folder here."""
        return draft.destination or str(self._bench.options.folder / f"bundle-{draft.draft_id[:8]}")

    def usable_destination(self, draft: Draft) -> DestinationFound:
        """Return the destination that holds unless the person says otherwise, where a bundle may go there now."""
        try:
            return DestinationFound(self.resolve(self.default_destination(draft)))
        except (InputError, NotPermittedError, UnavailableError) as error:
            return DestinationFound("", str(error))

    def resolve(self, path: str) -> str:
        """Return the destination that a person means by a path; a relative one begins at the screen's folder."""
        try:
            meant = self._bench.options.folder / Path(path.strip()).expanduser()
        except (RuntimeError, ValueError):
            raise InputError("The destination is not a path.", remedy="Name a folder that does not exist.") from None
        return checked_destination(meant, home=self._bench.paths.root)

    def sign(self, store: "Store", request: SignReview, policy: SignPolicy) -> Path:
        """Sign what was shown, write the bundle, and return its folder.

        Raises:
            InputError: the destination cannot be used.
            NotPermittedError: the review is not what was shown, is another reviewer's, or is no longer open.
            StoreError: the passphrase is wrong; the sentence says how often it may be tried.

        """
        session = self._session(store, request)
        home = self._bench.paths.root
        if session.record().digest() != request.shown:
            raise NotPermittedError(
                "The review was changed since it was shown.", remedy="Look at it again, and sign then."
            )
        check_destination(request.destination, home=home)
        signer = self._unlock(store, request)
        token = sign_review(
            store,
            session,
            signer,
            shown=request.shown,
            destination=request.destination,
            attestation="interactive",
            home=home,
            now=_now(),
            policy=policy,
        )
        return finalize(store, token, home=home, now=_now(), policy=policy).destination

    def _unlock(self, store: "Store", request: SignReview) -> Signer:
        opened = self._at(store, request)
        if not opened.tries:
            raise NotPermittedError(
                "The passphrase was wrong three times.", remedy="Close the review, open it again, and sign then."
            )
        try:
            signer = unlock_reviewer(store, request.reviewer, request.passphrase)
        except StoreError as error:
            opened.tries -= 1
            left = f"{opened.tries} {'try' if opened.tries == 1 else 'tries'} left."
            raise StoreError(f"{error.message} {left}", remedy=error.remedy) from None
        opened.tries = _TRIES
        return signer

    def _at(self, store: "Store", request: OfReview) -> OpenedReview:
        """Return the open review, opened again where the working process had to start anew."""
        opened = self._opened
        if opened is None or not _is_of(opened, request):
            tries = opened.tries if opened is not None else _TRIES
            opened = self.open(store, request.draft_id, request.reviewer)
            opened.tries = tries
        if not _is_of(opened, request):
            raise NotPermittedError("There is a newer revision of the draft.", remedy="Review the latest one.")
        return opened

    def _session(self, store: "Store", request: OfReview) -> ReviewSession:
        session = self._at(store, request).session(store)
        if session is None:
            raise InputError("Nobody is chosen to review.", remedy="Choose or create a reviewer first.")
        return session


def _is_of(opened: OpenedReview, request: OfReview) -> bool:
    draft = opened.stored.draft
    reviewer = "" if opened.reviewer is None else opened.reviewer.name
    return (draft.draft_id, draft.revision, reviewer) == (request.draft_id, request.revision, request.reviewer)


def _now() -> datetime:
    return datetime.now(UTC)
