"""An event of a log has the place that the log says, whatever its text says of it."""

import pytest

from openmed_agent.runtime.events import Notice, PlanChanged, read_event, write_event


@pytest.mark.parametrize("event", [Notice(shown='"{} \u2028'), PlanChanged(sequence=3, steps=(("a", "done"),))])
def test_what_is_written_is_read_with_its_place(event: Notice | PlanChanged) -> None:
    assert read_event(write_event(event), 7) == event.model_copy(update={"sequence": 7})


@pytest.mark.parametrize(
    "document",
    [
        b'{"type":"notice","shown":"x","sequence":3}',
        b'{"sequence":3,"type":"notice","shown":"x"}',
        b' \n{"type":"notice","shown":"x"}',
        b'{"type":"notice","shown":"x","sequence":null}',
    ],
)
def test_a_text_cannot_say_another_place(document: bytes) -> None:
    assert read_event(document, 7) == Notice(sequence=7, shown="x")


@pytest.mark.parametrize("document", [b"", b"{", b"{}", b"[]", b'{"type":"notice"}', b'{"type":"else"}', b"\xff"])
def test_what_is_no_event_is_refused(document: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - pydantic's words
        read_event(document, 7)
