"""What the reviewer sees of an item: the claim, what is known of it, and its source word for word."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from openmed_agent.cli.console import safe
from openmed_agent.workflows.review_source import CLOSING, OPENING, Excerpt, SourceLine, SourceLines, evidence_excerpts
from openmed_agent.workflows.review_words import SUPPORT_WORDS, assertion_words, decision_words, kind_words

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from openmed_agent.workflows.decisions import Decision
    from openmed_agent.workflows.draft import EvidenceSpan, Item

_LABEL: Final = 11
_FEW_EXCERPTS: Final = 3
_CONTEXT: Final = 2
_LITTLE_CONTEXT: Final = 1
_SHORT_QUOTE: Final = 60


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item with what stands around it in the draft; ``against`` are the conflicts that it is part of."""

    item: "Item"
    heading: str
    decision: "Decision | None"
    warnings: tuple[str, ...]
    against: tuple["Item", ...]

    @property
    def other_evidence(self) -> tuple["EvidenceSpan", ...]:
        """What the conflicts are about and the item itself does not show."""
        return tuple(span for item in self.against for span in item.evidence if span not in self.item.evidence)


def print_item(console: "Console", view: ItemView, sources: Mapping[str, SourceLines]) -> None:
    """Print an item: the claim first, its source below; where that fills the screen, the claim once more."""
    with console.capture() as captured:
        _print_item(console, view, sources)
    screen = captured.get()
    console.file.write(screen)
    if screen.count("\n") >= console.height - 1:
        console.print(safe(f" {view.item.claim}", "bold"))
        for warning in view.warnings:
            console.print(safe(f" ⚠ {warning}", "bold yellow"))
        console.print()


def _print_item(console: "Console", view: ItemView, sources: Mapping[str, SourceLines]) -> None:
    from rich.padding import Padding
    from rich.rule import Rule

    item = view.item
    console.print()
    console.print(Rule(safe(view.heading, "dim"), align="left", style="dim"))
    console.print(Padding(safe(item.claim, "bold"), (1, 1), expand=False))
    console.print(_facts(view))
    console.print()
    if not item.evidence:
        console.print(safe(" No place of the sources stands behind this.", "yellow"))
    print_excerpts(console, item.evidence, sources)
    others = tuple(dict.fromkeys(view.other_evidence))
    if others:
        console.print(safe(" What stands against it", "bold yellow"))
        print_excerpts(console, others, sources)


def print_excerpts(
    console: "Console", evidence: tuple["EvidenceSpan", ...], sources: Mapping[str, SourceLines]
) -> None:
    """Print the lines around each piece of evidence, one excerpt after another."""
    found = evidence_excerpts(evidence, sources, context=_CONTEXT)
    if len(found) > _FEW_EXCERPTS:
        found = evidence_excerpts(evidence, sources, context=_LITTLE_CONTEXT)
    for number, excerpt in enumerate(found, start=1):
        count = f" · {number} of {len(found)}" if len(found) > 1 else ""
        place = f" {excerpt.name} · line {excerpt.first_mark} of {excerpt.last_line}{count}"
        console.print(safe(place, "cyan"))
        console.print(_excerpt_table(excerpt, console))
        console.print()


def short_item(item: "Item", sources: Mapping[str, SourceLines]) -> tuple["Text", "Text"]:
    """Return an item on two lines for a list: the claim with its codes, and its first words of the source."""
    from rich.text import Text

    codes = "".join(f"  {code.system} {code.code}" for code in item.codes)
    claim = Text.assemble(safe(item.claim), safe(codes, "cyan"))
    if not item.evidence:
        return claim, safe("no place of the sources", "dim")
    first = item.evidence[0]
    quote = " ".join(first.quote.split())
    shown = quote if len(quote) <= _SHORT_QUOTE else f"{quote[:_SHORT_QUOTE]}…"
    lines = sources[first.source]
    more = f", and {len(item.evidence) - 1} more" if len(item.evidence) > 1 else ""
    return claim, safe(f"“{shown}” {lines.name}, line {lines.number(first.start)}{more}", "dim")


def facts_table() -> "Table":
    """Return an empty table of labels and what they say."""
    from rich.table import Table

    table = Table.grid(padding=(0, 1))
    table.add_column(width=_LABEL, style="dim")
    table.add_column(overflow="fold")
    return table


def _facts(view: ItemView) -> "Table":
    table = facts_table()
    for label, text, style in _fact_lines(view):
        table.add_row(safe(f" {label}"), safe(text, style))
    return table


def _fact_lines(view: ItemView) -> Iterator[tuple[str, str, str]]:
    item = view.item
    yield "Kind", kind_words(item), ""
    if item.kind not in {"conflict", "gap"}:
        yield "Says", assertion_words(item.assertion), ""
    yield "Support", SUPPORT_WORDS[item.support], "" if item.support == "supported" else "yellow"
    yield "Severity", item.severity, "yellow" if item.severity == "high" else ""
    for number, code in enumerate(item.codes):
        label = "Codes" if number == 0 else ""
        yield label, f"{code.system} {code.code} {code.display} · {code.release}", ""
    if item.notes:
        yield "Notes", item.notes, ""
    for conflict in view.against:
        yield "Conflict", conflict.claim, "yellow"
    for warning in view.warnings:
        yield "⚠ Check", warning, "bold yellow"
    if view.decision is not None:
        yield "Decided", decision_words(view.decision), "green"


def _excerpt_table(excerpt: Excerpt, console: "Console") -> "Table":
    from rich.table import Table

    opening, closing = _marks(console)
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", width=len(str(excerpt.lines[-1].number)) + 3, style="dim")
    table.add_column(width=1, style="bold yellow")
    table.add_column(overflow="fold")
    for line in excerpt.lines:
        number = str(line.number) if line.number else ""
        table.add_row(number, _bar(console) if line.marked else "", _line_text(line, opening, closing))
    return table


def _line_text(line: SourceLine, opening: str, closing: str) -> "Text":
    from rich.text import Text

    text = Text()
    for piece in line.pieces:
        if piece.marked:
            text.append(opening, style="bold yellow").append(piece.text, style="bold").append(closing, "bold yellow")
        else:
            text.append(piece.text, style="dim")
    return text


def _marks(console: "Console") -> tuple[str, str]:
    return (OPENING, CLOSING) if _is_unicode(console) else (">>", "<<")


def _bar(console: "Console") -> str:
    return "▏" if _is_unicode(console) else "|"


def _is_unicode(console: "Console") -> bool:
    return console.encoding.lower().replace("-", "") == "utf8"
