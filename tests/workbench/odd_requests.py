"""Requests that go wrong in every way, for the tests of the working process."""

from typing import ClassVar

from openmed_agent.workbench.wire import Request, WireModel


class Echo(Request):
    kind: ClassVar[str] = "odd.echo"
    text: str


class Echoed(WireModel):
    text: str


class Fault(Request):
    kind: ClassVar[str] = "odd.fault"
    patient: str


class Refuse(Request):
    kind: ClassVar[str] = "odd.refuse"
    error: str


class Count(Request):
    """Streams numbers for ever; when it is ended, that is written into a file."""

    kind: ClassVar[str] = "odd.count"
    file: str
    seconds: float = 0.01


class Counted(WireModel):
    number: int


class Wait(Request):
    """Answers never; when it is ended, that is written into a file."""

    kind: ClassVar[str] = "odd.wait"
    file: str


class Print(Request):
    kind: ClassVar[str] = "odd.print"


class ReadInput(Request):
    """Starts a program that reads its standard input to the end, and says how much it read."""

    kind: ClassVar[str] = "odd.read_input"


class Large(Request):
    kind: ClassVar[str] = "odd.large"
    characters: int


class LoseItsTask(Request):
    """Waits for something that somebody else cancels."""

    kind: ClassVar[str] = "odd.lose"


class Pid(Request):
    kind: ClassVar[str] = "odd.pid"


class Unanswered(Request):
    kind: ClassVar[str] = "odd.unanswered"


class NoSuchArea(Request):
    kind: ClassVar[str] = "nowhere.at_all"


class Unlike(WireModel):
    """Is like no reply that anybody sends."""

    unlike: int
