"""A draft as text for a terminal: what needs a decision first, then the cards, each claim with its source."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from openmed_agent.cli.console import safe

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from openmed_agent.workflows.draft import Draft, EvidenceSpan, Item

_SHORT_ID: Final = 8
_LONGEST_QUOTE: Final = 140
_SUPPORT_WORDS: Final[Mapping[str, str]] = {
    "supported": "",
    "contradicted": "contradicted",
    "unsupported": "not in the sources",
    "uncertain": "uncertain",
}


def print_draft(console: "Console", draft: "Draft", *, next_step: bool) -> None:
    """Print the cards of ``draft``, and with ``next_step`` what to type next."""
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
        for digest in card.items:
            for line in _item(items[digest], names):
                console.print(line)
    console.print()
    for line in _closing(draft, next_step=next_step):
        console.print(Padding(line, (0, 0)))


def must_decide(item: "Item") -> bool:
    """Return whether a person must decide this item by itself."""
    return item.severity == "high" or item.support != "supported"


def _heading(draft: "Draft") -> "Text":
    from rich.text import Text

    return Text.assemble(
        safe(draft.workflow, "bold"),
        safe(f"  draft {draft.draft_id[:_SHORT_ID]} revision {draft.revision}"),
        safe(f"  expires {draft.expires.replace('T', ' ').removesuffix('Z')[:16]} UTC", "dim"),
    )


def _item(item: "Item", names: Mapping[str, str]) -> Iterator["Text"]:
    from rich.text import Text

    high = item.severity == "high"
    line = Text.assemble(safe(" ! " if must_decide(item) else "   ", "bold yellow"), safe(item.claim))
    line.append_text(safe("".join(f"  {code.system} {code.code}" for code in item.codes), "cyan"))
    words = [word for word in (_SUPPORT_WORDS[item.support], "high" if high else "") if word]
    if words:
        line.append_text(safe(f"  [{', '.join(words)}]", "yellow"))
    yield line
    for span in item.evidence[:3]:
        yield _evidence(span, names)
    if len(item.evidence) > 3:  # noqa: PLR2004 - three places show what there is to see
        yield safe(f"     and {len(item.evidence) - 3} more places", "dim")
    if item.notes:
        yield safe(f"     {item.notes}", "dim italic")


def _evidence(span: "EvidenceSpan", names: Mapping[str, str]) -> "Text":
    quote = " ".join(span.quote.split())
    shown = quote if len(quote) <= _LONGEST_QUOTE else f"{quote[:_LONGEST_QUOTE]}…"
    return safe(f"     “{shown}” {names[span.source]} {span.start}–{span.end}", "dim")


def _closing(draft: "Draft", *, next_step: bool) -> Iterator["Text"]:
    decide = sum(1 for item in draft.items if must_decide(item))
    partial = [release.system for release in draft.releases if not release.complete]
    yield safe(f"{len(draft.items)} items, {decide} to decide one by one (marked !). Nothing is final yet.")
    releases = ", ".join(f"{release.system} {release.version}" for release in draft.releases)
    incomplete = f"; partial: {', '.join(partial)}" if partial else ""
    yield safe(f"Releases: {releases}{incomplete}", "dim")
    if next_step:
        yield safe("")
        yield safe(f"Next: openmed review {draft.draft_id[:_SHORT_ID]}", "bold")
