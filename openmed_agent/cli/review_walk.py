"""The walk through a draft: what must be decided first, then what is not stated, then the rest.

Every decision is on the disk before the next item is shown, so the walk can end anywhere and go on later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from openmed_agent.cli.console import safe
from openmed_agent.cli.review_keys import ask_key, ask_line
from openmed_agent.cli.review_screen import ItemView, print_item, short_item
from openmed_agent.errors import InputError
from openmed_agent.workflows.review_order import conflicts_with, in_order_of_review, warnings_of
from openmed_agent.workflows.review_source import SourceLines, lines_of

if TYPE_CHECKING:
    from rich.console import Console

    from openmed_agent.text.sources import SourceDocument
    from openmed_agent.workflows.decisions import Decision
    from openmed_agent.workflows.draft import Draft, Item
    from openmed_agent.workflows.review import ReviewSession

_ITEM_KEYS: Final = " a accept · e edit · r reject · s skip · b back · n next undecided · q quit ›"
_LINES_OF_AN_ENTRY: Final = 3
_LINES_AROUND_A_PAGE: Final = 6
_MOST_ON_A_PAGE: Final = 9  # each has a digit as its key


@dataclass(frozen=True, slots=True)
class Material:
    """What a walk shows beside the decisions: the sources' lines, and what the evidence check said of items."""

    sources: Mapping[str, SourceLines]
    warnings: Mapping[str, tuple[str, ...]]


class ReviewWalk:
    """One walk of a reviewer through a revision."""

    def __init__(self, console: "Console", session: "ReviewSession", material: Material) -> None:
        self._console = console
        self._session = session
        self._material = material

    def decide(self) -> bool:
        """Put every undecided item before the reviewer; return whether all are decided now."""
        alone, rest = in_order_of_review(self._session.draft, self._material.warnings)
        while True:
            undecided = self._undecided(alone)
            if undecided and not self._one_by_one(alone, start=alone.index(undecided[0])):
                return False
            if not self._list(rest):
                return False
            left = len(self._undecided((*alone, *rest)))
            if not left:
                return True
            word = "item is" if left == 1 else "items are"
            if ask_key(self._console, "nq", f"\n {left} {word} left to decide: n go on · q quit ›") == "q":
                return False

    def look_again(self) -> bool:
        """Show every item once more, one by one; return whether the reviewer went through to the end."""
        alone, rest = in_order_of_review(self._session.draft, self._material.warnings)
        return self._one_by_one((*alone, *rest), start=0)

    def _undecided(self, items: tuple["Item", ...]) -> tuple["Item", ...]:
        decided = self._session.decisions()
        return tuple(item for item in items if item.digest not in decided)

    def _one_by_one(self, items: tuple["Item", ...], *, start: int) -> bool:
        """Walk from item ``start`` until the end; return False where the reviewer stopped."""
        position = start
        while position < len(items):
            match self._ask(items[position], f"{position + 1} of {len(items)} · one by one"):
                case "q":
                    return False
                case "b":
                    position = max(0, position - 1)
                case "n":
                    position = self._next_undecided(items, position)
                case _:
                    position += 1
        return True

    def _next_undecided(self, items: tuple["Item", ...], position: int) -> int:
        undecided = set(self._undecided(items[position + 1 :]))
        return next((at for at in range(position + 1, len(items)) if items[at] in undecided), len(items))

    def _list(self, rest: tuple["Item", ...]) -> bool:
        """Show what may be accepted together, a screenful at a time; return False where the reviewer stopped."""
        skipped: set[str] = set()
        while waiting := tuple(item for item in self._undecided(rest) if item.digest not in skipped):
            page = waiting[: self._page_length()]
            self._print_page(page, waiting=len(waiting))
            digits = "".join(str(number) for number in range(1, len(page) + 1))
            together = f"a accept these {len(page)} together" if len(page) > 1 else "a accept it"
            look = f"1-{len(page)} look at one" if len(page) > 1 else "1 look at it"
            question = f" {together} · {look} · s skip · q quit ›"
            match ask_key(self._console, f"asq{digits}", question):
                case "a":
                    self._session.accept_together([item.digest for item in page], now=_now())
                case "s":
                    skipped.update(item.digest for item in page)
                case "q":
                    return False
                case digit:
                    if self._ask(page[int(digit) - 1], "from the list") == "q":
                        return False
        return True

    def _page_length(self) -> int:
        return max(1, min(_MOST_ON_A_PAGE, (self._console.height - _LINES_AROUND_A_PAGE) // _LINES_OF_AN_ENTRY))

    def _print_page(self, page: tuple["Item", ...], *, waiting: int) -> None:
        from rich.rule import Rule
        from rich.table import Table

        heading = f"may be accepted together · {len(page)} of {waiting} left"
        self._console.print()
        self._console.print(Rule(safe(heading, "dim"), align="left", style="dim"))
        table = Table.grid(padding=(0, 1))
        table.add_column(width=2, justify="right", style="bold")
        table.add_column(overflow="fold")
        for number, item in enumerate(page, start=1):
            claim, place = short_item(item, self._material.sources)
            table.add_row(str(number), claim)
            table.add_row("", place)
        self._console.print(table)
        self._console.print()

    def _ask(self, item: "Item", heading: str) -> str:
        """Show one item until it is decided or left; return the key that ended it."""
        view = ItemView(
            item=item,
            heading=heading,
            decision=self._session.decisions().get(item.digest),
            warnings=self._material.warnings.get(item.digest, ()),
            against=conflicts_with(self._session.draft, item),
        )
        print_item(self._console, view, self._material.sources)
        while True:
            key = ask_key(self._console, "aersbnq", _ITEM_KEYS)
            if key not in "aer":
                return key
            decision = self._decision(item, key)
            if decision is not None and self._record(decision):
                return key

    def _decision(self, item: "Item", key: str) -> "Decision | None":
        """Return the decision, with the words it needs; None where the reviewer gave none."""
        from openmed_agent.workflows.decisions import Decision

        match key:
            case "e":
                text = ask_line("New claim", beginning=item.claim)
                if not text or text == item.claim:
                    self._say("Nothing was changed.")
                    return None
                return Decision(item=item.digest, action="edit", text=text)
            case "r":
                reason = ask_line("Reason for rejecting it")
                return self._with_reason(Decision(item=item.digest, action="reject", reason=reason), reason)
            case _ if item.support != "supported":
                reason = ask_line(f"It is {item.support}. Reason for accepting it")
                return self._with_reason(Decision(item=item.digest, action="accept", reason=reason), reason)
            case _:
                return Decision(item=item.digest, action="accept")

    def _with_reason(self, decision: "Decision", reason: str) -> "Decision | None":
        if reason:
            return decision
        self._say("Without a reason nothing was decided.")
        return None

    def _record(self, decision: "Decision") -> bool:
        try:
            self._session.decide(decision, now=_now())
        except InputError as error:
            self._say(str(error))
            return False
        return True

    def _say(self, sentence: str) -> None:
        self._console.print(safe(f" {sentence}", "yellow"))


def material_for(draft: "Draft", sources: tuple["SourceDocument", ...]) -> Material:
    """Return what a walk through a draft shows beside the decisions."""
    return Material(lines_of(sources), warnings_of(draft, sources))


def _now() -> datetime:
    return datetime.now(UTC)
