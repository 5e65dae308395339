"""The sign-off: what changed, what is written and where, then the passphrase, then the act.

Nothing is signed that is not on this screen: the digest of the whole review goes with the passphrase, and the working
process refuses when it is another one by then. The passphrase leaves the field when it is sent.
"""

from collections.abc import Iterator
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widgets import Input, Static

from openmed_agent.errors import OpenMedError
from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.field_keys import FIELD_KEYS
from openmed_agent.tui.chrome.key_bar import KeyBar
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.keymap import SIGN, bindings, label_of
from openmed_agent.tui.review.diff_view import change_lines
from openmed_agent.tui.review.fact_lines import Fact, fact_lines
from openmed_agent.tui.safe_text import shown_line
from openmed_agent.workbench.requests.reviews import (
    CheckDestination,
    Destination,
    SignedBundle,
    SignReview,
    SignSummary,
)

_LABEL: Final = 11
_AROUND: Final = 5  # cells: padding and scroll bar
_KILO: Final = 1000


class SignScreen(FaceScreen):
    """Signs one summary, once. ``signed`` tells afterwards whether it was."""

    DEFAULT_CSS = """
    SignScreen > VerticalScroll { height: 1fr; padding: 0 1; }
    SignScreen VerticalScroll > Static { height: auto; }
    SignScreen #facts { margin-bottom: 1; }
    SignScreen .label { color: $secondary; height: 1; padding: 0 1; }
    SignScreen Input, SignScreen Input:focus { border: none; height: 1; padding: 0; margin: 0 1; background: $panel; }
    SignScreen #problem { color: $warning; height: auto; padding: 0 1; display: none; }
    SignScreen #problem.-shown { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*FIELD_KEYS, *bindings(SIGN)]

    def __init__(self, summary: SignSummary) -> None:
        super().__init__()
        self.signed = False
        self._summary = summary
        self._destination = summary.destination
        self._busy = False
        self._faulty_path = False
        """Whether what is refused is the path in the field, so that it goes when another one is typed."""
        self._width = 0

    def compose(self) -> ComposeResult:
        """Yield the summary, the destination, the fields and the keys."""
        summary = self._summary
        self._width = self.app.size.width
        yield TitleBar(f"Sign draft {summary.draft_id[:4]} rev {summary.revision}")
        with VerticalScroll(can_focus=False):
            yield Static(self._facts_shown(self._width), id="facts")
            yield Static(Content("\n").join(_changes(summary)), id="changes")
        yield Static("Another destination", classes="label")
        yield Input(id="path", placeholder="a folder that does not exist yet; ⏎ takes it", select_on_focus=False)
        yield Static(shown_line(f"Passphrase of {summary.reviewer}"), classes="label")
        yield Input(id="passphrase", password=True)
        yield Static(id="problem")
        keys = ((label_of(one, self.face.preferences.keys), one.description) for one in SIGN if one.shown)
        yield KeyBar((("⏎", "sign and write"), ("tab", "destination"), ("↑ ↓", "scroll"), ("esc", "back"), *keys))

    def on_mount(self) -> None:
        """Say how much was decided, and look whether the destination is free."""
        summary = self._summary
        self.query_one(TitleBar).tell(decided_words(summary))
        self._refuse(summary.destination_fault)
        self.set_focus(self.query_one("#passphrase" if summary.destination else "#path", Input))

    def on_resize(self, event: Resize) -> None:
        """Wrap anew for another width."""
        if event.size.width != self._width:
            self._show_facts(event.size.width)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take back what was said of a path that no longer stands there; that there is no destination stays said."""
        if event.input.id == "path" and self._faulty_path:
            self._refuse("" if self._destination else self._summary.destination_fault)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the destination, or sign."""
        if self._busy:
            return
        if event.input.id == "path":
            if event.value.strip():
                self._busy = True  # nothing is signed before it is known where to
                self.set_focus(self.query_one("#passphrase", Input))  # at once: what follows must not be seen
                self.start(self._take_destination(event.value))
        elif event.value:
            self.start(self._sign())
        else:
            self._refuse("Type the passphrase, then ⏎ signs and writes.")

    def action_view(self) -> None:
        """Show the files of text as they would be written."""
        from openmed_agent.tui.review.text_screen import TextScreen

        self.face.push_screen(TextScreen("What would be written", self._summary.texts))

    def action_back(self) -> None:
        """Go back to the items; nothing was signed."""
        if not self._busy:
            self.query_one("#passphrase", Input).value = ""
            self.dismiss()

    def action_scroll(self, step: int) -> None:
        """Move in the summary."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)

    async def _take_destination(self, path: str) -> None:
        """Show the destination that a path means, and the reason where it cannot be one; the last good one stays."""
        try:
            found = await self.face.workbench.ask(CheckDestination(path=path), Destination)
        except OpenMedError as error:
            self._refuse(str(error), path=True)
            self.set_focus(self.query_one("#path", Input))
            return
        finally:
            self._busy = False
        self._destination = found.path
        self._show_facts(self.size.width)
        self._refuse("")
        self.query_one("#path", Input).value = ""

    async def _sign(self) -> None:
        field = self.query_one("#passphrase", Input)
        passphrase, field.value = field.value, ""
        if not self._destination:
            self._refuse("There is no destination yet: tab, type a new folder, ⏎.")
            return
        if self.query_one("#path", Input).value.strip():
            self._refuse(
                "The other destination was typed and not taken: tab, then ⏎ takes it. Nothing was signed.", path=True
            )
            return
        summary = self._summary
        self._busy = True
        self._refuse("Signing and writing.")
        try:
            bundle = await self.face.workbench.ask(
                SignReview(
                    draft_id=summary.draft_id,
                    revision=summary.revision,
                    reviewer=summary.reviewer,
                    shown=summary.shown,
                    destination=self._destination,
                    passphrase=passphrase,
                ),
                SignedBundle,
            )
        except OpenMedError as error:
            self._refuse(str(error))
            return
        finally:
            self._busy = False
            del passphrase
        self._show_signed(bundle)

    def _show_signed(self, bundle: SignedBundle) -> None:
        from openmed_agent.tui.review.signed_screen import SignedScreen

        self.signed = True
        self.face.push_screen(SignedScreen(bundle), lambda _: self.dismiss())

    def _show_facts(self, width: int) -> None:
        self._width = width
        self.query_one("#facts", Static).update(self._facts_shown(width))

    def _facts_shown(self, width: int) -> Content:
        place = shown_line(self._destination, "$accent bold") if self._destination else Content("nowhere yet")
        lines = fact_lines(_facts(self._summary, place), label_width=_LABEL, width=width - _AROUND)
        return Content("\n").join(lines)

    def _refuse(self, sentence: str, *, path: bool = False) -> None:
        self._faulty_path = path
        problem = self.query_one("#problem", Static)
        problem.update(shown_line(sentence))
        problem.set_class(bool(sentence), "-shown")


def _facts(summary: SignSummary, place: Content) -> Iterator[Fact]:
    total = sum(file.bytes for file in summary.files)
    files = ", ".join(f"{file.name} ({size_words(file.bytes)})" for file in summary.files)
    count = len(summary.files) + len(summary.own_files)
    yield "Signs as", shown_line(summary.reviewer, "bold")
    yield "", shown_line(summary.fingerprint, "$secondary")
    count_all = summary.accepted + summary.edited + summary.rejected
    yield "Decided", shown_line(f"{count_all} items: {decided_words(summary)}")
    yield "Writes to", place
    yield "Files", shown_line(f"{count}: {files}, {size_words(total)} together; {', '.join(summary.own_files)}")
    yield "PHI mode", shown_line(summary.phi_mode)
    yield "Approval", shown_line(f"holds for {summary.approval_minutes} minutes, once")
    yield "Digest", shown_line(summary.payload_digest)


def _changes(summary: SignSummary) -> Iterator[Content]:
    if not summary.changes:
        yield shown_line("Every item was accepted as drafted.", "bold")
        return
    yield shown_line(f"Revision {summary.revision} is what will be signed. Changed since the draft:", "bold")
    for row in summary.changes:
        yield from change_lines(row)


def decided_words(summary: SignSummary) -> str:
    """Return how many items were accepted, edited and rejected."""
    return f"{summary.accepted} accepted, {summary.edited} edited, {summary.rejected} rejected"


def size_words(count: int) -> str:
    """Return a number of bytes in words."""
    return f"{count} bytes" if count < _KILO else f"{count / _KILO:.1f} kB"
