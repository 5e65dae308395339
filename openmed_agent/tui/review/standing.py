"""Where a review on the screen stands: its items, what was decided, and which item one looks at."""

from collections.abc import Iterable, Mapping

from openmed_agent.workbench.requests.reviews import DecisionView, ItemView, ReviewView


class Standing:
    """The items of one revision in the order of review. It says nothing that the working process did not say."""

    def __init__(self, view: ReviewView) -> None:
        self.view = view
        self.at = 0
        self.piece = 0
        """Which piece of the item's evidence is looked at."""
        self._decisions = {item.digest: item.decision for item in view.items if item.decision is not None}

    @property
    def items(self) -> tuple[ItemView, ...]:
        """All items."""
        return self.view.items

    @property
    def item(self) -> ItemView:
        """The item that is looked at."""
        return self.view.items[self.at]

    @property
    def decisions(self) -> Mapping[str, DecisionView]:
        """What was decided, by item digest, as it is on the disk."""
        return self._decisions

    @property
    def left(self) -> int:
        """How many items are left to decide."""
        return sum(1 for item in self.items if item.digest not in self._decisions)

    def take(self, decisions: Mapping[str, DecisionView]) -> None:
        """Take what is on the disk now."""
        self._decisions = dict(decisions)

    def decision(self) -> DecisionView | None:
        """Return what was decided on the item that is looked at."""
        return self._decisions.get(self.item.digest)

    def go_to(self, number: int) -> bool:
        """Look at an item from its first piece of evidence; return whether that is another one than before."""
        number = max(0, min(number, len(self.items) - 1))
        moved = number != self.at
        self.at = number
        if moved:
            self.piece = 0
        return moved

    def next_undecided(self) -> int | None:
        """Return the number of the next undecided item after this one, from the top again after the last."""
        count = len(self.items)
        return self._first_undecided((self.at + step) % count for step in range(1, count + 1))

    def previous_undecided(self) -> int | None:
        """Return the number of the undecided item before this one, from the bottom again after the first."""
        count = len(self.items)
        return self._first_undecided((self.at - step) % count for step in range(1, count + 1))

    def turn_evidence(self, step: int) -> None:
        """Look at another piece of the item's evidence."""
        if self.item.evidence:
            self.piece = (self.piece + step) % len(self.item.evidence)

    def together(self) -> tuple[ItemView, ...]:
        """Return the undecided items that may be accepted together."""
        return tuple(item for item in self.items if not item.alone and item.digest not in self._decisions)

    def _first_undecided(self, numbers: Iterable[int]) -> int | None:
        return next((one for one in numbers if self.items[one].digest not in self._decisions), None)
