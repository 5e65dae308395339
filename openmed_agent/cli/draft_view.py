"""A draft as text for a terminal: what needs a decision first, then the cards, each claim with its source."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from openmed_agent.cli.console import safe
from openmed_agent.workflows.decisions import must_decide_individually

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from openmed_agent.workflows.draft import Draft, EvidenceSpan, Item

_SHORT_ID: Final = 8
_LONGEST_QUOTE: Final = 140
_INDENT: Final = 3
_FEW_PLACES: Final = 3
_ALL_PLACES: Final = 1000
_SUPPORT_WORDS: Final[Mapping[str, str]] = {
    "supported": "",
    "contradicted": "contradicted",
    "unsupported": "not in the sources",
    "uncertain": "uncertain",
}


def print_draft(console: "Console", draft: "Draft", *, full: bool) -> None:
    """Print the cards of ``draft`` and what to type next; ``full`` shows every item with all its places."""
    from rich.padding import Padding
    from rich.rule import Rule

    items = {item.digest: item for item in draft.items}
    names = {source.digest: source.name for source in draft.sources}
    console.print()
    console.print(_heading(draft))
    console.print(safe(", ".join(names.values()), "dim"))
    for card in draft.cards:
        if not card.items:
            continue
        console.print()
        warning = card.type == "uncertainty"
        title = safe(f"{card.title} · {len(card.items)}", "bold yellow" if warning else "bold")
        console.print(Rule(title, align="left", style="yellow" if warning else "dim"))
        shown = [items[digest] for digest in card.items]
        brief = [item for item in shown if item.severity == "low" and not must_decide_individually(item)]
        for item in shown:
            if full or item not in brief:
                for indent, line in _item(item, names, places=_ALL_PLACES if full else _FEW_PLACES):
                    console.print(Padding(line, (0, 0, 0, indent), expand=False))
        if brief and not full:
            claims = safe(" · ".join(item.claim for item in brief), "dim")
            console.print(Padding(claims, (0, 0, 0, _INDENT), expand=False))
    console.print()
    for closing in _closing(draft):
        console.print(closing)


def _heading(draft: "Draft") -> "Text":
    from rich.text import Text

    return Text.assemble(
        safe(draft.workflow, "bold"),
        safe(f"  draft {draft.draft_id[:_SHORT_ID]} revision {draft.revision}"),
        safe(f"  expires {draft.expires.replace('T', ' ').removesuffix('Z')[:16]} UTC", "dim"),
    )


def _item(item: "Item", names: Mapping[str, str], *, places: int) -> Iterator[tuple[int, "Text"]]:
    """Yield the lines of an item, each with its indent."""
    from rich.text import Text

    line = Text.assemble(safe("! " if must_decide_individually(item) else "  ", "bold yellow"), safe(item.claim))
    line.append_text(safe("".join(f"  {code.system} {code.code}" for code in item.codes), "cyan"))
    words = [word for word in (_SUPPORT_WORDS[item.support], "high" if item.severity == "high" else "") if word]
    if words:
        line.append_text(safe(f"  [{', '.join(words)}]", "yellow"))
    yield 1, line
    for span in item.evidence[:places]:
        yield _INDENT + 2, _evidence(span, names)
    if len(item.evidence) > places:
        yield _INDENT + 2, safe(f"and {len(item.evidence) - places} more", "dim")
    if item.notes:
        yield _INDENT + 2, safe(item.notes, "dim italic")


def _evidence(span: "EvidenceSpan", names: Mapping[str, str]) -> "Text":
    quote = " ".join(span.quote.split())
    shown = quote if len(quote) <= _LONGEST_QUOTE else f"{quote[:_LONGEST_QUOTE]}…"
    return safe(f"“{shown}” {names[span.source]} {span.start}–{span.end}", "dim")


def _closing(draft: "Draft") -> Iterator["Text"]:
    decide = sum(1 for item in draft.items if must_decide_individually(item))
    partial = [release.system for release in draft.releases if not release.complete]
    yield safe(f"{len(draft.items)} items, {decide} to decide one by one (marked !). Nothing is final yet.")
    releases = ", ".join(f"{release.system} {release.version}" for release in draft.releases)
    incomplete = f"; partial: {', '.join(partial)}" if partial else ""
    yield safe(f"Releases: {releases}{incomplete}", "dim")
    yield safe("")
    yield safe(f"Next: openmed review {draft.draft_id[:_SHORT_ID]}", "bold")
