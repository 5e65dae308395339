"""Drafts: what waits for a decision, what was signed, and how two runs differ."""

from typing import ClassVar, Final

from textual.binding import BindingType

from openmed_agent.tui.chrome.dialogs import Choice, ChoiceDialog, LineDialog
from openmed_agent.tui.chrome.list_screen import ListScreen
from openmed_agent.tui.chrome.row_list import Column, RowList
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.drafts.rows import COLUMNS, detail_of, draft_rows, fits, moment
from openmed_agent.tui.keymap import DRAFTS, KeyAction, bindings
from openmed_agent.workbench.requests.comparisons import Comparison
from openmed_agent.workbench.requests.drafts import (
    BundleReport,
    CompareDrafts,
    DraftList,
    DraftRow,
    ListDrafts,
    VerifyBundle,
)

_NONE: Final = "No drafts yet. w runs a workflow on a chart; its draft is then reviewed and signed here."
_NOTHING_FITS: Final = "Nothing fits. esc shows all drafts."


class DraftsScreen(ListScreen):
    """The drafts of the store, the newest first."""

    TITLE_TEXT = "Drafts"
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS
    KEYS: ClassVar[tuple[KeyAction, ...]] = DRAFTS
    CHOOSE = "review"
    SEARCH = "/ to search id, workflow, source, state"
    BINDINGS: ClassVar[list[BindingType]] = bindings(DRAFTS)

    def __init__(self) -> None:
        super().__init__()
        self._drafts: tuple[DraftRow, ...] = ()

    def on_screen_resume(self) -> None:
        """Read the drafts, also again after a review."""
        self.start(self._load(), group="load")

    def searched(self, text: str) -> None:
        """Show the drafts that fit."""
        found = [one for one in self._drafts if fits(one, text)]
        self.list.fill(draft_rows(found) if found else ())
        if not found:
            self.tell(_NOTHING_FITS if self._drafts else _NONE)

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Say more about the highlighted draft."""
        draft = self._named(event.identifier)
        if draft is not None:
            self.tell(detail_of(draft))

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Review a draft."""
        draft = self._named(event.identifier)
        if draft is None:
            return
        if draft.state == "expired":
            self.face.say("This draft has expired. Run its workflow again.", severity="warning")
        elif draft.state == "committed":
            self.face.say("This draft is signed. v verifies its bundle.")
        else:
            self.face.review(draft.draft_id)

    def action_compare(self) -> None:
        """Compare the highlighted draft with another run of its workflow, or with an earlier revision."""
        draft = self._named(self.list.chosen)
        if draft is not None:
            self.start(self._compare(draft), group="act")

    def action_verify(self) -> None:
        """Verify the bundle of the highlighted draft, or one in a folder that the person names."""
        self.start(self._verify(self._named(self.list.chosen)), group="act")

    async def _load(self) -> None:
        found = await self.ask(ListDrafts(), DraftList)
        if found is None:
            return
        self._drafts = found.drafts
        waiting = sum(one.state == "draft" for one in found.drafts)
        count = len(found.drafts)
        words = f"{count:,} {'draft' if count == 1 else 'drafts'} · {waiting:,} open"
        self.query_one(TitleBar).tell(words if found.drafts else "")
        self.searched(self.query_text)

    async def _compare(self, draft: DraftRow) -> None:
        others = [one for one in self._drafts if one.workflow == draft.workflow and one is not draft]
        earlier = [Choice(f"{draft.draft_id}@{number}", f"revision {number} of this draft")
                   for number in range(draft.revision - 1, 0, -1)]  # fmt: skip
        choices = [*earlier, *(_as_choice(one) for one in others)]
        if not choices:
            self.face.say(f"There is no other run of {draft.workflow} to compare with.")
            return
        chosen = await self.face.push_screen_wait(ChoiceDialog("Compare with", choices))
        if chosen is None:
            return
        this = f"{draft.draft_id}@{draft.revision}"
        other = next((one for one in others if one.draft_id == chosen), None)
        before, after = (this, chosen) if other is not None and other.created > draft.created else (chosen, this)
        found = await self.ask(CompareDrafts(before=before, after=after), Comparison)
        if found is not None:
            from openmed_agent.tui.drafts.comparison import ComparisonScreen

            self.face.push_screen(ComparisonScreen(found))

    async def _verify(self, draft: DraftRow | None) -> None:
        folder: str | None = draft.destination if draft is not None and draft.state == "committed" else ""
        if not folder:
            folder = await self.face.push_screen_wait(
                LineDialog("Verify a bundle", detail="Its folder, as it was signed.")
            )
        if not folder or not folder.strip():
            return
        report = await self.ask(VerifyBundle(folder=folder), BundleReport)
        if report is not None:
            from openmed_agent.tui.drafts.bundle import BundleScreen

            self.face.push_screen(BundleScreen(report))

    def _named(self, identifier: str) -> DraftRow | None:
        return next((one for one in self._drafts if one.draft_id == identifier), None)


def _as_choice(draft: DraftRow) -> Choice:
    label = f"{draft.draft_id[:8]} of {moment(draft.created)} UTC"
    return Choice(draft.draft_id, label, f"{', '.join(draft.sources)} · {draft.items} items")
