"""How two revisions, two runs, or a draft and what a reviewer made of it differ: rows that a screen shows."""

from typing import Literal

from openmed_agent.workbench.wire import WireModel

Change = Literal["added", "removed", "changed", "conflicting"]


class ChangeRow(WireModel):
    """One difference: the claim before and after, either empty; ``note`` says why, where a person said it."""

    change: Change
    kind: str
    before: str = ""
    after: str = ""
    note: str = ""


class Comparison(WireModel):
    """Two sides by name, how many items are the same on both, and the differences."""

    before: str
    after: str
    same: int
    rows: tuple[ChangeRow, ...]
