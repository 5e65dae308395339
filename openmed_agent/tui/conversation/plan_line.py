"""The plan of the session in one place, moving on as steps are done."""

from typing import Final

from textual.content import Content
from textual.widgets import Static

from openmed_agent.tui.safe_text import shown_line

_MARKS: Final = {"done": ("✓", "$success"), "active": ("▸", "$accent"), "pending": ("○", "$secondary")}

Plan = tuple[tuple[str, str], ...]


class PlanLine(Static):
    """``Plan  ✓ read the note   ▸ extract medicines   ○ draft``; hidden where there is nothing to do."""

    DEFAULT_CSS = """
    PlanLine { height: auto; max-height: 4; padding: 0 1; display: none; color: $foreground 85%; }
    PlanLine.-open { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._plan: Plan = ()

    def tell(self, plan: Plan) -> None:
        """Show a plan while something in it is left to do."""
        if plan == self._plan:
            return
        self._plan = plan
        self.update(plan_content(plan))
        self.set_class(any(state != "done" for _, state in plan), "-open")

    def toggle_plan(self) -> bool:
        """Show the plan, or hide it; False where there is none."""
        if self._plan:
            self.toggle_class("-open")
        return bool(self._plan)


def plan_content(plan: Plan) -> Content:
    """Return a plan as one flowing line: a step does not break from its mark."""
    steps = [_step(title, state) for title, state in plan]
    return Content.assemble(Content.styled("Plan  ", "bold"), Content("   ").join(steps))


def _step(title: str, state: str) -> Content:
    mark, style = _MARKS.get(state, ("○", "$secondary"))
    return Content.assemble(Content.styled(f"{mark}\N{NO-BREAK SPACE}", style), shown_line(title))
