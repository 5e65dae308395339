"""Whatever a server streams in Chat Completions is an answer or one error."""

from asking import request
from hypothesis import given, settings
from hypothesis import strategies as st

from openmed_agent.models.chat_answer import ChatAnswer
from openmed_agent.models.provider import ModelError, Reply, TextDelta

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
deltas = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("content", "tool_calls", "reasoning", "refusal", "role"), anything)
)
call_pieces = st.fixed_dictionaries(
    {},
    optional={
        "index": st.none() | st.integers(-2, 3),
        "id": st.none() | st.text(max_size=3),
        "function": st.fixed_dictionaries({}, optional={"name": st.text(max_size=3), "arguments": st.text(max_size=5)}),
    },
)
choices = st.fixed_dictionaries(
    {"delta": deltas | st.fixed_dictionaries({"tool_calls": st.lists(call_pieces, max_size=3)})},
    optional={"finish_reason": st.none() | st.sampled_from(["stop", "tool_calls", "length", "planted"])},
)
documents = anything | st.fixed_dictionaries({"choices": st.lists(choices, max_size=2)}, optional={"usage": anything})


@settings(deadline=None)
@given(st.lists(documents, max_size=6))
def test_whatever_a_server_streams_is_an_answer_or_one_error(stream_of: list[object]) -> None:
    answer = ChatAnswer(request(), "127.0.0.1:1")
    said = ""
    try:
        for document in stream_of:
            said += "".join(one.text for one in answer.take(document) if isinstance(one, TextDelta))
        *rest, last = answer.end()
    except ModelError:
        return
    said += "".join(one.text for one in rest if isinstance(one, TextDelta))
    assert isinstance(last, Reply)
    assert last.text == said
    assert bool(last.text or last.calls) or last.finish in {"length", "refused"}
    assert all(call.name for call in last.calls)
    assert len({call.call_id for call in last.calls}) == len(last.calls)
