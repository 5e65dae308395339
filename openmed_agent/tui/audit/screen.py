"""The audit chain: what was done, what left this machine, and whether the record is as it was written."""

from typing import ClassVar, Final

from textual.binding import BindingType
from textual.content import Content

from openmed_agent.tui.audit.rows import COLUMNS, audit_rows, detail_of
from openmed_agent.tui.chrome.list_screen import ListScreen
from openmed_agent.tui.chrome.row_list import Column, RowList
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.keymap import AUDIT, KeyAction, bindings
from openmed_agent.tui.safe_text import shown
from openmed_agent.workbench.requests.audit import AuditPage, AuditRow, AuditVerdict, ListRecords, VerifyAudit

_PAGE: Final = 500


class AuditScreen(ListScreen):
    """Records, the newest first."""

    TITLE_TEXT = "Audit"
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS
    KEYS: ClassVar[tuple[KeyAction, ...]] = AUDIT
    BINDINGS: ClassVar[list[BindingType]] = bindings(AUDIT)

    def __init__(self) -> None:
        super().__init__()
        self._records: dict[str, AuditRow] = {}
        self._outbound = False
        self._more = False

    def on_mount(self) -> None:
        """Begin with the newest records."""
        super().on_mount()
        self.query_one(TitleBar).tell("not verified yet · v verifies")
        self.start(self._fill(), group="records")

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Say everything about the highlighted record."""
        record = self._records.get(event.identifier)
        if record is not None:
            self.tell(detail_of(record))

    def action_verify(self) -> None:
        """Check the chain."""
        self.query_one(TitleBar).tell("▸ verifying")
        self.start(self._verify(), group="verify")

    def action_outbound(self) -> None:
        """Show only what was sent, or everything again."""
        self._outbound = not self._outbound
        self._records = {}
        self.start(self._fill(), group="records")

    def action_older(self) -> None:
        """Show older records too."""
        if self._more:
            self.start(self._fill(min(one.sequence for one in self._records.values())), group="records")
        else:
            self.face.say("There are no older records.")

    async def _fill(self, before: int | None = None) -> None:
        request = ListRecords(before=before, limit=_PAGE, outbound=self._outbound)
        page = await self.ask(request, AuditPage)
        if page is None:
            return
        self._records |= {str(one.sequence): one for one in page.records}
        self._more = page.more
        self.list.fill(audit_rows(self._records.values()) if self._records else ())
        if not self._records:
            self.tell("Nothing was sent to another machine or a model." if self._outbound else "No records yet.")

    async def _verify(self) -> None:
        verdict = await self.ask(VerifyAudit(), AuditVerdict)
        bar = self.query_one(TitleBar)
        if verdict is None:
            bar.tell(Content.styled("✗ not verified", "$error"))
        elif verdict.whole:
            bar.tell(Content.styled(f"✓ {verdict.records:,} records, each as it was written", "$success"))
        else:
            bar.tell(Content.styled("✗ not as it was written", "$error"))
            self.tell(shown("\n".join(verdict.problems), "$error"))
