"""Which widget shows which entry."""

from openmed_agent.tui.conversation.entries import Answer, Call, Entry, EntryView, Line, Reasoning, Said


def make_view(entry: Entry) -> EntryView:
    """Return a new widget that shows ``entry``, and let the entry know it."""
    entry.view = _view(entry)
    return entry.view


def _view(entry: Entry) -> EntryView:
    match entry:
        case Said():
            from openmed_agent.tui.conversation.views.person import SaidView

            return SaidView(entry)
        case Answer():
            from openmed_agent.tui.conversation.views.answer import answer_view

            return answer_view(entry)
        case Call():
            from openmed_agent.tui.conversation.views.folding import CallView

            return CallView(entry)
        case Reasoning():
            from openmed_agent.tui.conversation.views.folding import ReasoningView

            return ReasoningView(entry)
        case Line() if entry.detail:
            from openmed_agent.tui.conversation.views.folding import SummaryView

            return SummaryView(entry)
        case Line():
            from openmed_agent.tui.conversation.views.line import LineView

            return LineView(entry)
        case _:
            raise LookupError(type(entry).__name__)
