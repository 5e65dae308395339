"""The de-identification preview: what a method makes of a text, and saving exactly what is shown."""

import asyncio
import re
from dataclasses import dataclass
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from openmed_agent.errors import OpenMedError
from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.beside import run_beside
from openmed_agent.tui.chrome.choice_row import ChoiceRow
from openmed_agent.tui.chrome.dialogs import Choice, ConfirmDialog, LineDialog
from openmed_agent.tui.chrome.key_bar import KeyBar
from openmed_agent.tui.chrome.path_input import PathInput
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.deidentify.kinds import KindList
from openmed_agent.tui.deidentify.marked_text import MarkedText
from openmed_agent.tui.keymap import PRIVACY, bindings, label_of
from openmed_agent.tui.safe_text import shown, shown_line
from openmed_agent.tui.unlocking import once_unlocked
from openmed_agent.workbench.requests.privacy import (
    DeidentificationPlace,
    DescribeDeidentification,
    Preview,
    PreviewDeidentified,
    SavedResult,
    SaveResult,
)

_PAUSE_SECONDS: Final = 0.4
_METHODS: Final = (
    Choice("mask", "mask"),
    Choice("remove", "remove"),
    Choice("replace", "replace"),
    Choice("hash", "hash"),
    Choice("shift_dates", "shift dates"),
    Choice("redact", "redact"),
)
_POLICIES: Final = (
    Choice("safe_harbor", "safe harbor"),
    Choice("safe_harbor_parts", "with year, zip3, age"),
    Choice("limited_data_set", "limited data set"),
    Choice("file", "a file"),
)
_PATHS: Final = frozenset({"file", "policy-file"})
_PANES: Final = (("text", "Text"), ("original", "Original, marked"), ("result", "Result"), ("kinds", "Kinds"))
_EMPTY: Final = "Type or paste a text below, or name a file."
_PATH: Final = re.compile(r"(?:~|\.{0,2})/\S+|\S+\.(?:txt|csv|jsonl?|pdf|docx|xml|md)")
_NAMES_A_FILE: Final = Content.assemble(
    ("○ ", "$warning"), "This text is the name of a file, and was taken as text. Name it in the field above to read it."
)
_CAUTION: Final = "A detector misses some identifiers: read the result before you share it."


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is on the screen, with what it was made of."""

    asked: PreviewDeidentified
    preview: Preview

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.preview.result)


@dataclass(frozen=True, slots=True)
class _Next:
    """What is to be previewed after a pause of ``after`` seconds."""

    asked: PreviewDeidentified
    after: float


class DeidentifyScreen(FaceScreen):
    """Text or file on top, then method and policy, then original, result and kinds side by side, or one at a time."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - as Textual declares it
    DEFAULT_CSS = """
    DeidentifyScreen #file { margin: 0 1; }
    DeidentifyScreen #policy-file { margin: 0 1 0 8; display: none; }
    DeidentifyScreen.-own-policy #policy-file { display: block; }
    DeidentifyScreen #state { height: auto; max-height: 3; padding: 0 1; }
    DeidentifyScreen #tabs { height: 1; padding: 0 1; margin-top: 1; }
    DeidentifyScreen #panes { height: 1fr; }
    DeidentifyScreen .pane { height: 1fr; }
    DeidentifyScreen .pane > .name { height: 1; padding: 0 1; color: $secondary; display: none; }
    DeidentifyScreen TextArea { border: none; padding: 0 1; height: 1fr; background: $surface; }
    DeidentifyScreen TextArea:focus { border: none; background: $panel; }
    DeidentifyScreen MarkedText:focus, DeidentifyScreen KindList:focus { background: $surface; }
    DeidentifyScreen.-narrow .pane { display: none; }
    DeidentifyScreen.-narrow .pane.current { display: block; }
    DeidentifyScreen.-wide #tabs { display: none; }
    DeidentifyScreen.-wide .pane > .name { display: block; }
    DeidentifyScreen.-wide #panes { layout: grid; grid-size: 3 2; grid-rows: 30% 70%; grid-columns: 1fr 1fr 34; }
    DeidentifyScreen.-file #text-pane { display: none; }
    DeidentifyScreen.-wide.-file #panes { grid-size: 3 1; grid-rows: 1fr; }
    DeidentifyScreen.-wide #text-pane { column-span: 3; padding-bottom: 1; }
    DeidentifyScreen.-wide #panes .pane { margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(PRIVACY)

    def __init__(self) -> None:
        super().__init__()
        self._place: DeidentificationPlace | None = None
        self._shown: _Shown | None = None
        self._next = _Next(PreviewDeidentified(), 0.0)
        self._pane = "text"

    def compose(self) -> ComposeResult:
        """Yield source, choices, panes, state and keys."""
        yield TitleBar("De-identification preview")
        yield PathInput(self.face.workbench, placeholder="File, or leave it empty and type below", id="file")
        yield ChoiceRow("Method", _METHODS, id="method")
        yield ChoiceRow("Policy", _POLICIES, id="policy")
        yield PathInput(self.face.workbench, placeholder="Policy file of your own, in YAML", id="policy-file")
        yield Static(id="tabs")
        with Horizontal(id="panes"):
            yield self._in_pane("text", TextArea(placeholder=_EMPTY, id="text"))
            yield self._in_pane("original", MarkedText(labelled=True, id="original"))
            yield self._in_pane("result", MarkedText(labelled=False, id="result"))
            yield self._in_pane("kinds", KindList(id="kinds"))
        yield Static(id="state")
        yield KeyBar(
            [(label_of(one, self.face.preferences.keys), one.description) for one in PRIVACY] + [("esc", "back")]
        )

    def on_mount(self) -> None:
        """Ask where a text would go; begin in the text."""
        self._go_to("text")
        self._tell(Content(_EMPTY))
        self.start(self._describe(), group="describe")

    def on_text_area_changed(self, _: TextArea.Changed) -> None:
        """Preview the text once the person pauses."""
        self._changed()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Preview the file, or with the policy in another one, once the person pauses."""
        if event.input.id in _PATHS:
            self._changed()

    def on_input_submitted(self, _: Input.Submitted) -> None:
        """Preview the file at once."""
        self.action_preview()

    def on_choice_row_changed(self, _: ChoiceRow.Changed) -> None:
        """Preview with the other method or policy; a policy of one's own is named in a field below."""
        self.set_class(self.query_one("#policy", ChoiceRow).value == "file", "-own-policy")
        self._changed()

    def on_kind_list_toggled(self, _: KindList.Toggled) -> None:
        """Preview with the other treatment."""
        self._changed()

    def action_next_pane(self) -> None:
        """Go to the next pane."""
        names = [name for name, _ in _PANES if name != "text" or not self._asked().path]
        if self._pane not in names:
            self._go_to(names[0])
            return
        self._go_to(names[(names.index(self._pane) + 1) % len(names)])

    def action_back(self) -> None:
        """Close; a text that was typed here is nowhere else, so that is asked."""
        self.act(self._leave())

    async def _leave(self) -> None:
        asked = self._asked()
        if asked.text.strip() and not await self.face.push_screen_wait(
            ConfirmDialog("Leave, and drop the text that stands here?", yes="drop it", no="stay")
        ):
            return
        self.close()

    def action_preview(self) -> None:
        """Preview now; for a service on another machine nothing is sent before this key."""
        self._preview_beside(self._asked())

    def action_save(self) -> None:
        """Save what is shown, where it is still what the choices make of the text."""
        if self._shown is None or self._shown.asked != self._asked():
            self.face.say("The preview is not of what is chosen now. Wait for it, or press ^R.", severity="warning")
            return
        self.start(self._save(self._shown), group="save")

    def _asked(self) -> PreviewDeidentified:
        path, policy_file = (self.query_one(f"#{name}", PathInput).value.strip() for name in ("file", "policy-file"))
        policy = self.query_one("#policy", ChoiceRow).value
        return PreviewDeidentified.model_validate(
            {
                "text": "" if path else self.query_one("#text", TextArea).text,
                "path": path,
                "method": self.query_one("#method", ChoiceRow).value,
                "policy": policy,
                "policy_file": policy_file if policy == "file" else "",
                "keep": tuple(sorted(self.query_one("#kinds", KindList).kept)),
            }
        )

    def _changed(self) -> None:
        asked = self._asked()
        self.set_class(bool(asked.path), "-file")
        if asked.path and self._pane == "text":
            self._turn_to("original")
        elif not asked.path and self._pane == "original" and self._shown is None:
            self._turn_to("text")
        if self._shown is not None and self._shown.asked == asked:
            return
        if self._place is None:
            return  # until it is known where a text would go
        if self._place.remote:
            self._tell(Content.assemble(("○ ", "$warning"), "Changed. ^R sends it to the service and previews it."))
            return
        self._preview_beside(asked, after=_PAUSE_SECONDS)

    def _preview_beside(self, asked: PreviewDeidentified, *, after: float = 0.0) -> None:
        self._next = _Next(asked, after)
        run_beside(self, self._preview, group="preview")

    async def _describe(self) -> None:
        self._place = await self.ask(DescribeDeidentification(), DeidentificationPlace)
        if self._place is not None:
            words = f"goes to {self._place.address}" if self._place.remote else "stays on this machine"
            self.query_one(TitleBar).tell(words)
            self._changed()

    async def _preview(self) -> None:
        """Show what becomes of the next text; newer work takes the place of this.

        The text is no argument, because Textual writes the arguments of a worker out.
        """
        asked = self._next.asked
        if not (asked.path or asked.text.strip()):
            self._show(None)
            self._tell(Content(_EMPTY))
            return
        self._tell(Content.assemble(("○ ", "$secondary"), ("Changed; what is shown is of before.", "$secondary")))
        await asyncio.sleep(self._next.after)
        self._tell(Content.assemble(("▸ ", "$accent"), "De-identifying"))
        try:
            preview = await once_unlocked(self.face, lambda: self.face.workbench.ask(asked, Preview))
        except OpenMedError as error:
            self._show(None)
            self._tell(Content.assemble(("✗ ", "$error"), shown(str(error))))
            return
        self._show(_Shown(asked, preview))
        self._tell(_NAMES_A_FILE if _PATH.fullmatch(asked.text.strip()) else _summary(preview))

    def _show(self, found: _Shown | None) -> None:
        self._shown = found
        self.query_one("#original", MarkedText).show(found.preview.original if found else ())
        self.query_one("#result", MarkedText).show(found.preview.result if found else ())
        self.query_one("#kinds", KindList).show(found.preview.counts if found else ())

    async def _save(self, found: _Shown) -> None:
        """Write the very text that is shown; over another file only after a yes."""
        digest = found.preview.digest
        question = LineDialog("Save exactly what is shown as", detail=f"Digest {digest[:19]}…{digest[-8:]}")
        name = await self.face.push_screen_wait(question)
        if not name or not name.strip():
            return
        wanted = SaveResult(text=found.text, digest=found.preview.digest, path=name, source=found.asked.path)
        saved = await self.ask(wanted, SavedResult)
        if saved is not None and saved.exists:
            replacing = ConfirmDialog("Replace the file that is there?", detail=saved.path, yes="replace it")
            if not await self.face.push_screen_wait(replacing):
                return
            saved = await self.ask(wanted.model_copy(update={"replacing": True}), SavedResult)
        if saved is not None and not saved.exists:
            done = shown_line(f"Saved {saved.bytes:,} bytes as {saved.path}", "bold")
            written = shown_line(saved.digest, "$secondary")
            self._tell(Content.assemble(("✓ ", "$success"), done, "\n  ", written))

    def _tell(self, state: Content) -> None:
        self.query_one("#state", Static).update(state)

    def _go_to(self, name: str) -> None:
        self._turn_to(name)
        self.query_one(f"#{name}").focus()

    def _turn_to(self, name: str) -> None:
        self._pane = name
        for pane in self.query(".pane"):
            pane.set_class(pane.id == f"{name}-pane", "current")
        tabs = (
            Content.styled(title, "bold $accent underline" if one == name else "$secondary")
            for one, title in _PANES
            if one != "text" or not self.has_class("-file")
        )
        self.query_one("#tabs", Static).update(Content("   ").join(tabs))

    def _in_pane(self, name: str, widget: Widget) -> Vertical:
        title = Static(dict(_PANES)[name], classes="name")
        return Vertical(title, widget, id=f"{name}-pane", classes="pane")


def _summary(preview: Preview) -> Content:
    count = sum(one.count for one in preview.counts)
    head = f"{count:,} {'identifier' if count == 1 else 'identifiers'} treated"
    repaired = f", {preview.repaired:,} of them here as the service had left them" if preview.repaired else ""
    caution = (f"\n  {_CAUTION}", "$secondary")
    return Content.assemble(("✓ ", "$success"), (head, "bold"), repaired, caution)
