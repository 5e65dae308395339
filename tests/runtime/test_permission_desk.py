"""Where a call asks: nothing is read for a call that nobody is asked about, and an answer holds as long as it says."""

from typing import Any

import pytest
from turns import asking, tool

from openmed_agent.runtime.events import Event
from openmed_agent.runtime.permission_desk import PermissionDesk
from openmed_agent.runtime.permissions import Approve, Grant, PermissionAnswer, PermissionPolicy, Reject
from openmed_agent.settings.permission_patterns import parse_pattern
from openmed_agent.settings.permissions import PermissionMode
from openmed_agent.tools.tool import Display

WRITE = tool("write_file", read_only=False)
FILE = "/charts/note.txt"


class Desk:
    """A desk with a person who gives these answers, and what came of it."""

    def __init__(self, policy: PermissionPolicy, *answers: PermissionAnswer) -> None:
        self.kept: list[Grant] = []
        self.events: list[Event] = []
        self.previews = 0
        ask, self.asked = asking(*answers)
        self.desk = PermissionDesk(
            policy, ask=ask if policy.attended else None, keep=self.kept.append, emit=self.events.append
        )

    async def refusal(self, subject: str = FILE) -> str | None:
        return await self.desk.refusal("call_1", WRITE, subject, self._preview)

    async def _preview(self) -> Display:
        self.previews += 1
        return Display("Write note.txt", "+ planted", "diff")


def policy(**more: Any) -> PermissionPolicy:
    return PermissionPolicy(**more)


@pytest.mark.parametrize(
    "refusing",
    [
        policy(attended=False),
        policy(mode=PermissionMode.PLAN),
        policy(mode=PermissionMode.DENY),
        policy(deny=(parse_pattern("write_file"),)),
    ],
)
async def test_nothing_is_read_for_a_call_that_is_refused_anyway(refusing: PermissionPolicy) -> None:
    desk = Desk(refusing)
    assert await desk.refusal()
    assert desk.previews == 0
    assert not desk.asked


async def test_a_person_sees_the_whole_change_before_they_answer() -> None:
    desk = Desk(policy(), Reject("wrong file"))
    assert await desk.refusal() == "The person refused this call: wrong file"
    (asked,) = desk.asked
    assert (asked.tool, asked.subject, asked.title, asked.preview) == (
        "write_file",
        FILE,
        "Write note.txt",
        "+ planted",
    )
    assert asked.scopes == ("once", "session", "always")


async def test_an_answer_holds_as_long_as_it_says() -> None:
    once = Desk(policy(), Approve(), Reject())
    assert await once.refusal() is None
    assert await once.refusal() is not None
    session = Desk(policy(), Approve("session"), Reject())
    assert await session.refusal() is None
    assert await session.refusal() is None
    assert await session.refusal("/charts/other.txt") is not None
    assert session.kept == []
    always = Desk(policy(), Approve("always"))
    assert await always.refusal() is None
    assert await always.refusal() is None
    assert always.kept == [Grant("write_file", FILE)]


async def test_a_scope_that_was_not_offered_counts_as_once() -> None:
    without_subject = Desk(policy(), Approve("always"), Reject())
    assert await without_subject.refusal("") is None
    assert await without_subject.refusal("") is not None
    assert without_subject.kept == []
    by_rule = Desk(policy(ask=(parse_pattern("write_file"),)), Approve("always"), Reject())
    assert await by_rule.refusal() is None
    assert await by_rule.refusal() is not None
    assert by_rule.kept == []
