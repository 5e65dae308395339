"""What a log folds into is a conversation that an endpoint accepts, whatever the log holds."""

from hypothesis import given, settings
from hypothesis import strategies as st

from openmed_agent.runtime.events import (
    Answered,
    CallRecord,
    Compacted,
    Event,
    ModeChanged,
    PlanChanged,
    RolledBack,
    Steered,
    ToolEnded,
    TurnEnded,
    TurnStarted,
)
from openmed_agent.runtime.transcript import UNFINISHED, Answer, Result, Said, Summary, fold


def started(text: str, turn: int = 1, phi_mode: str = "deid") -> TurnStarted:
    return TurnStarted(
        turn=turn, shown=text, local_text=text, model="m", host="h", phi_mode=phi_mode, agent_mode="clinical"
    )


def answered(text: str, *calls: str) -> Answered:
    records = tuple(CallRecord(call_id=call, tool="grep", model_arguments="{}", shown_arguments="{}") for call in calls)
    return Answered(model_text=text, shown=text, calls=records, finish="tool_calls" if calls else "stop")


def ended(call: str, text: str = "found", outcome: str = "done") -> ToolEnded:
    return ToolEnded(call_id=call, tool="grep", outcome=outcome, local_text=text, title="t", seconds=0.1)  # type: ignore[arg-type]


def numbered(*events: Event) -> list[Event]:
    return [event.model_copy(update={"sequence": place}) for place, event in enumerate(events, start=1)]


def test_results_follow_their_answer_in_the_order_of_the_calls() -> None:
    log = numbered(started("look"), answered("", "a", "b"), ended("b", "second"), ended("a", "first"), answered("done"))
    entries = fold(log).entries
    assert [entry.text for entry in entries] == ["look", "", "first", "second", "done"]


def test_what_a_person_says_between_calls_comes_after_their_results() -> None:
    log = numbered(
        started("look"), answered("", "a", "b"), ended("a"), Steered(shown="no", local_text="no"), ended("b")
    )
    kinds = [type(entry) for entry in fold(log).entries]
    assert kinds == [Said, Answer, Result, Result, Said]


def test_a_call_that_a_crash_left_open_gets_a_result_and_is_named() -> None:
    transcript = fold(numbered(started("look"), answered("", "a", "b"), ended("a")))
    assert [call.call_id for call in transcript.unfinished] == ["b"]
    last = transcript.entries[-1]
    assert isinstance(last, Result)
    assert (last.call_id, last.text, last.failed) == ("b", UNFINISHED, True)
    assert transcript.open_turn == 1


def test_rolling_back_takes_the_later_events_out_of_the_model_s_view() -> None:
    log = numbered(
        started("one"), answered("1"), TurnEnded(turn=1, outcome="done", exit_status=0),
        started("two", 2), answered("2"), RolledBack(to=3), started("three", 2), answered("3"),
    )  # fmt: skip
    transcript = fold(log)
    assert [entry.text for entry in transcript.entries] == ["one", "1", "three", "3"]
    assert transcript.turns == 2


def test_a_rollback_can_itself_be_rolled_back() -> None:
    log = numbered(started("one"), answered("1"), RolledBack(to=1), RolledBack(to=0), started("two"))
    assert [entry.text for entry in fold(log).entries] == ["two"]


def test_a_summary_stands_for_what_came_before_it() -> None:
    log = numbered(started("one"), answered("1"), started("two", 2), Compacted(before=2, model_summary="S", shown="S"))
    entries = fold(log).entries
    assert [type(entry) for entry in entries] == [Summary, Said]
    assert [entry.text for entry in entries] == ["S", "two"]


def test_strict_mode_begins_without_anything_that_was_said_before() -> None:
    log = numbered(
        started("secret of the record"), answered("1"), ModeChanged(phi_mode="strict"), started("go on", 2, "strict")
    )
    assert [entry.text for entry in fold(log).entries] == ["go on"]
    log = numbered(started("secret of the record"), answered("1"), started("go on", 2, "strict"))
    assert [entry.text for entry in fold(log).entries] == ["go on"]


def test_a_stricter_mode_begins_without_what_was_said_in_a_weaker_one() -> None:
    log = numbered(started("raw name", 1, "full"), answered("1"), started("go on", 2, "deid"), answered("2"))
    assert [entry.text for entry in fold(log).entries] == ["go on", "2"]


def test_leaving_strict_mode_keeps_what_was_said_in_it() -> None:
    log = numbered(started("one", 1, "strict"), answered("1"), started("two", 2, "deid"))
    assert [entry.text for entry in fold(log).entries] == ["one", "1", "two"]


def test_results_made_in_strict_mode_are_known_as_closed_values() -> None:
    log = numbered(started("one", 1, "strict"), answered("", "a"), ended("a"))
    result = fold(log).entries[-1]
    assert isinstance(result, Result)
    assert result.closed


def test_the_last_plan_counts() -> None:
    log = numbered(PlanChanged(steps=(("read", "active"),)), PlanChanged(steps=(("read", "done"), ("write", "active"))))
    assert fold(log).plan == (("read", "done"), ("write", "active"))


def test_a_summary_never_parts_a_result_from_its_answer() -> None:
    log = numbered(started("one"), answered("", "a"), ended("a"), Compacted(before=2, model_summary="S", shown="S"))
    assert [type(entry) for entry in fold(log).entries] == [Summary]


CALLS = st.lists(st.sampled_from("abcdef"), max_size=3, unique=True)
EVENTS = st.one_of(
    st.builds(started, st.text(max_size=5), st.integers(1, 9), st.sampled_from(["deid", "strict", "full"])),
    st.builds(lambda text, calls: answered(text, *calls), st.text(max_size=5), CALLS),
    st.builds(ended, st.sampled_from("abcdef"), st.text(max_size=5)),
    st.builds(lambda text: Steered(shown=text, local_text=text), st.text(max_size=5)),
    st.builds(lambda to: RolledBack(to=to), st.integers(0, 12)),
    st.builds(lambda before: Compacted(before=before, model_summary="S", shown="S"), st.integers(0, 12)),
    st.builds(lambda turn: TurnEnded(turn=turn, outcome="done", exit_status=0), st.integers(1, 9)),
)


@settings(max_examples=500)
@given(st.lists(EVENTS, max_size=14))
def test_every_call_has_exactly_one_result_right_after_its_answer(events: list[Event]) -> None:
    entries = fold(numbered(*events)).entries
    place = 0
    while place < len(entries):
        entry = entries[place]
        assert not isinstance(entry, Result), "a result without its call"
        place += 1
        if isinstance(entry, Answer):
            for call in entry.calls:
                result = entries[place]
                assert isinstance(result, Result)
                assert result.call_id == call.call_id
                place += 1
