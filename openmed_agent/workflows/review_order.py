"""In which order a draft is put before a reviewer, and what stands beside each item.

Every face shows the same order: what must be decided one by one first, gaps after it, then what may be accepted
together.
"""

from collections.abc import Iterable, Mapping

from openmed_agent.text.sources import SourceDocument
from openmed_agent.workflows.decisions import must_decide_individually
from openmed_agent.workflows.draft import Draft, Item
from openmed_agent.workflows.review_evidence import contradictions

Warnings = Mapping[str, tuple[str, ...]]
"""What the evidence check says of items, by item digest; items that it says nothing of are not in it."""


def in_order_of_review(draft: Draft, warnings: Warnings) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """Return what is shown one by one, gaps last, and what may be accepted together.

    What the evidence check warns of is shown one by one too, though the rules would let it pass with others.
    """
    alone = [item for item in draft.items if must_decide_individually(item) or item.digest in warnings]
    chosen = {item.digest for item in alone}
    stated = [item for item in alone if item.kind != "gap"]
    gaps = [item for item in alone if item.kind == "gap"]
    return (*stated, *gaps), tuple(item for item in draft.items if item.digest not in chosen)


def conflicts_with(draft: Draft, item: Item) -> tuple[Item, ...]:
    """Return the conflicts that stand on a place of the sources which the item stands on too."""
    places = {(span.source, span.start, span.end) for span in item.evidence}
    return tuple(
        other
        for other in draft.items
        if other.kind == "conflict"
        and other.digest != item.digest
        and item.kind != "conflict"
        and any((span.source, span.start, span.end) in places for span in other.evidence)
    )


def warnings_of(draft: Draft, sources: Iterable[SourceDocument]) -> Warnings:
    """Return what the evidence check says of each item of a draft."""
    by_digest = {source.digest: source for source in sources}
    found = {item.digest: contradictions(item, by_digest) for item in draft.items}
    return {digest: warnings for digest, warnings in found.items() if warnings}
