"""The review of a draft: each claim beside its source, decided one by one, and signed when nothing is left."""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.key_bar import KeyBar
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.keymap import REVIEW, bindings, label_of
from openmed_agent.tui.review.answer_line import AnswerLine
from openmed_agent.tui.review.detail_pane import DetailPane
from openmed_agent.tui.review.item_list import ItemList
from openmed_agent.tui.review.review_words import left_words, pending_changes, place_words, safety_words, title_words
from openmed_agent.tui.review.source_pane import SourcePane
from openmed_agent.tui.review.standing import Standing
from openmed_agent.workbench.requests.comparisons import Comparison
from openmed_agent.workbench.requests.reviews import (
    AcceptTogether,
    Action,
    CompareRevisions,
    Decide,
    Decided,
    OpenReview,
    PrepareSigning,
    ReviewView,
    SignSummary,
)

_NARROW: Final = 100  # cells; below, the panes stand one above the other
_PANES: Final = ("items", "source", "details")


class ReviewScreen(FaceScreen):
    """One draft under review. Every mark on it is a decision that is on the disk."""

    DEFAULT_CSS = """
    ReviewScreen #panes { height: 1fr; }
    ReviewScreen #items { width: 2fr; min-width: 38; border-right: solid $panel; }
    ReviewScreen #beside { width: 3fr; }
    ReviewScreen #place { height: 1; padding: 0 1; color: $secondary; text-wrap: nowrap; text-overflow: ellipsis; }
    ReviewScreen #source { height: 3fr; }
    ReviewScreen #details { height: 2fr; border-top: solid $panel; }
    ReviewScreen #safety { height: 2; padding: 0 1; color: $secondary; text-wrap: nowrap; text-overflow: ellipsis;
                           border-top: solid $panel; }
    ReviewScreen.-narrow #panes { layout: vertical; }
    ReviewScreen.-narrow #items { width: 1fr; height: 5; border-right: none; border-bottom: solid $panel; }
    ReviewScreen.-narrow #beside { width: 1fr; height: 1fr; }
    ReviewScreen.-narrow #source { height: 1fr; }
    ReviewScreen.-narrow #details { height: 6; }
    ReviewScreen.-narrow #safety { height: 1; border-top: none; }
    ReviewScreen.-narrow.-at-items #items { height: 7; }
    ReviewScreen.-narrow.-at-source #items { height: 4; }
    ReviewScreen.-narrow.-at-details #items { height: 4; }
    ReviewScreen.-narrow.-at-details #details { height: 11; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(REVIEW)

    def __init__(self, draft_id: str) -> None:
        super().__init__()
        self._draft_id = draft_id
        self._pane = "items"
        self._busy = False
        self._standing: Standing | None = None

    def compose(self) -> ComposeResult:
        """Yield the three panes between title and keys."""
        yield TitleBar("Review")
        with Horizontal(id="panes"):
            yield ItemList(id="items")
            with Vertical(id="beside"):
                yield Static(id="place")
                yield SourcePane(id="source")
                yield DetailPane(id="details")
        yield AnswerLine()
        yield Static(id="safety")
        yield KeyBar((label_of(one, self.face.preferences.keys), one.description) for one in REVIEW if one.shown)

    def on_mount(self) -> None:
        """Open the draft; a long one takes a moment."""
        self.query_one(TitleBar).tell("Opening the draft")
        self.add_class("-at-items")
        self.start(self._open(""))

    def on_resize(self, event: Resize) -> None:
        """Put the panes beside each other where there is room."""
        self.set_class(event.size.width < _NARROW, "-narrow")
        self._show_title()
        self._show_safety()

    def on_item_list_chosen(self, event: ItemList.Chosen) -> None:
        """Look at the item that was pointed at."""
        self._go_to(event.number)

    def action_move(self, step: int) -> None:
        """Look at the next item or the one before."""
        if self._standing is not None:
            self._go_to(self._standing.at + step)

    def action_arrow(self, step: int) -> None:
        """Move in the pane that has the mark: items, source or details."""
        match self._pane:
            case "items":
                self.action_move(step)
            case "source":
                self.query_one(SourcePane).scroll_relative(y=step, animate=False, immediate=True)
            case _:
                self.query_one(DetailPane).move(step)

    def action_undecided(self, step: int) -> None:
        """Look at the next undecided item, or the one before."""
        standing = self._standing
        if standing is None:
            return
        number = standing.next_undecided() if step > 0 else standing.previous_undecided()
        if number is None:
            self.face.say("Every item is decided. s signs.")
        else:
            self._go_to(number)

    def action_evidence(self, step: int) -> None:
        """Look at another piece of evidence."""
        if self._standing is not None and self._standing.items:
            self._standing.turn_evidence(step)
            self._show_evidence()

    def action_page(self, step: int) -> None:
        """Move the source, or the details where they have the mark, by a screenful."""
        pane = self.query_one(DetailPane) if self._pane == "details" else self.query_one(SourcePane)
        pane.turn_page(back=step < 0)

    def action_pane(self, step: int) -> None:
        """Give the mark to the next pane; on a small screen it gets the room."""
        self.remove_class(f"-at-{self._pane}")
        self._pane = _PANES[(_PANES.index(self._pane) + step) % len(_PANES)]
        self.add_class(f"-at-{self._pane}")
        self._show_safety()

    def action_decide(self, action: Action) -> None:
        """Accept, edit or reject the item that is looked at."""
        if self._standing is not None and self._standing.items:
            self._do(self._decide, action)

    def action_together(self) -> None:
        """Accept together what need not be decided one by one, after a look at each."""
        self._do(self._accept_together)

    def action_reviewer(self) -> None:
        """Choose who reviews, or create a reviewer."""
        self._do(self._choose_reviewer)

    def action_differences(self) -> None:
        """Show how this revision differs from the one before, and what the decisions so far change."""
        self._do(self._differences)

    def action_sign(self) -> None:
        """Go on to signing once everything is decided."""
        self._do(self._sign)

    def _do(self, act: Callable[..., Coroutine[Any, Any, None]], *arguments: object) -> None:
        """Begin an act unless one is under way: what a key does must not depend on an answer that is still to come."""
        if self._busy or self._standing is None:
            return
        self._busy = True
        self.start(self._done(act(*arguments)))

    async def _done(self, act: Coroutine[Any, Any, None]) -> None:
        try:
            await act
        finally:
            self._busy = False

    async def _open(self, reviewer: str) -> None:
        """Read the draft and show it, at the item that was looked at before."""
        view = await self.ask(OpenReview(draft_id=self._draft_id, reviewer=reviewer), ReviewView)
        if view is None:
            if self._standing is None:
                self.dismiss()
            return
        here = self._standing.item.digest if self._standing is not None and self._standing.items else ""
        self._draft_id = view.draft_id
        self._standing = Standing(view)
        self._standing.go_to(next((at for at, one in enumerate(view.items) if one.digest == here), 0))
        self.query_one(SourcePane).load(view.sources)
        self.query_one(ItemList).load(view.items)
        for notice in view.notices:
            self.face.say(notice)
        self._show_all()

    async def _decide(self, action: Action) -> None:
        if not await self._has_reviewer() or self._standing is None:
            return
        standing, item = self._standing, self._standing.item
        text = reason = None
        line = self.query_one(AnswerLine)
        match action:
            case "edit":
                text = await line.ask("New claim", beginning=item.claim)
                if text is None or text == item.claim:
                    self.face.say("Nothing was changed.")
                    return
            case "reject":
                reason = await line.ask("Reason for rejecting it")
            case "accept" if item.support != "supported":
                reason = await line.ask(f"It is {item.support}. Reason for accepting it")
        if reason is None and (action == "reject" or (action == "accept" and item.support != "supported")):
            self.face.say("Without a reason nothing was decided.")
            return
        view = standing.view
        await self._record(
            Decide(
                draft_id=view.draft_id,
                revision=view.revision,
                reviewer=view.reviewer,
                item=item.digest,
                action=action,
                text=text,
                reason=reason,
            )
        )

    async def _accept_together(self) -> None:
        """Show a page of what may be accepted together after the other, as long as the person accepts."""
        from openmed_agent.tui.review.together_dialog import TogetherDialog

        if not await self._has_reviewer() or self._standing is None:
            return
        if not self._standing.together():
            self.face.say("Nothing is left that may be accepted together.")
        while waiting := self._standing.together():
            chosen = await self.face.push_screen_wait(TogetherDialog(waiting, self._standing.view.sources))
            if not chosen:
                return
            view = self._standing.view
            if not await self._record(
                AcceptTogether(
                    draft_id=view.draft_id, revision=view.revision, reviewer=view.reviewer, items=tuple(chosen)
                )
            ):
                return

    async def _record(self, request: Decide | AcceptTogether) -> bool:
        """Have a decision recorded; its mark appears when it is on the disk."""
        done = await self.ask(request, Decided)
        if done is None or self._standing is None:
            return False
        self._standing.take(done.decisions)
        self.query_one(ItemList).mark(self._standing.decisions)
        self._show_details()
        self._show_title()
        return True

    async def _has_reviewer(self) -> bool:
        if self._standing is not None and self._standing.view.reviewer:
            return True
        await self._choose_reviewer()
        return self._standing is not None and bool(self._standing.view.reviewer)

    async def _choose_reviewer(self) -> None:
        from openmed_agent.tui.review.reviewer_dialogs import choose_reviewer

        if self._standing is not None:
            view = self._standing.view
            name = await choose_reviewer(self.face, view.reviewers, now=view.reviewer)
            if name is not None and name != view.reviewer:
                await self._open(name)

    async def _differences(self) -> None:
        from openmed_agent.tui.review.diff_screen import DiffScreen

        if self._standing is None:
            return
        view = self._standing.view
        shown: list[Comparison] = [pending_changes(self._standing)]
        if view.revision > 1:
            found = await self.ask(CompareRevisions(draft_id=view.draft_id, revision=view.revision), Comparison)
            shown.extend((found,) if found is not None else ())
        self.face.push_screen(DiffScreen(f"Differences · draft {view.draft_id[:4]}", tuple(shown)))

    async def _sign(self) -> None:
        from openmed_agent.tui.review.sign_screen import SignScreen

        if not await self._has_reviewer() or self._standing is None:
            return
        if self._standing.left:
            self.face.say(f"{left_words(self._standing)}. n goes to the next one.", severity="warning")
            return
        view = self._standing.view
        asked = PrepareSigning(draft_id=view.draft_id, revision=view.revision, reviewer=view.reviewer)
        summary = await self.ask(asked, SignSummary)
        if summary is None:
            return
        if summary.revision != view.revision:
            await self._open(view.reviewer)
        signing = SignScreen(summary)
        await self.face.push_screen_wait(signing)
        if signing.signed:
            self.dismiss()

    def _go_to(self, number: int) -> None:
        if self._standing is None or not self._standing.items or self.query_one(AnswerLine).asking:
            return  # an answer is about the item that is looked at
        if self._standing.go_to(number):
            self.query_one(ItemList).go_to(self._standing.at)
            self._show_details()
            self._show_evidence()

    def _show_all(self) -> None:
        if self._standing is None:
            return
        items = self.query_one(ItemList)
        items.mark(self._standing.decisions)
        items.go_to(self._standing.at)
        self._show_title()
        self._show_safety()
        if self._standing.items:
            self._show_details()
            self._show_evidence()

    def _show_details(self) -> None:
        if self._standing is not None:
            self.query_one(DetailPane).show(self._standing.item, self._standing.decision())

    def _show_evidence(self) -> None:
        if self._standing is not None:
            pieces = self._standing.item.evidence
            current = pieces[self._standing.piece] if pieces else None
            others = tuple(one for one in pieces if one is not current)
            self.query_one(SourcePane).show(current.source if current else self._first_source(), current, others)
            self._show_place()

    def _show_place(self) -> None:
        if self._standing is not None and self._standing.items:
            words = place_words(self._standing, self.query_one(SourcePane))
            self.query_one("#place", Static).update(words, layout=False)

    def _show_safety(self) -> None:
        if self._standing is not None:
            words = safety_words(self._standing.view, pane=self._pane, width=self.size.width - 2)
            self.query_one("#safety", Static).update(words, layout=False)

    def _first_source(self) -> str:
        shown = self.query_one(SourcePane).shown_source
        return shown or (self._standing.view.sources[0].digest if self._standing else "")

    def _show_title(self) -> None:
        if self._standing is not None:
            title = self.query_one(TitleBar)
            title.rename(title_words(self._standing.view, narrow=self.has_class("-narrow")))
            style = "$warning" if self._standing.left else "$success"
            title.tell(Content.styled(left_words(self._standing), style))
