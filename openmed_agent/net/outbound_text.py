"""The only thing that a model's client may send: a body that the privacy gate has cleared.

``net`` knows no gate. It is handed a ``Seal``, gives it the exact bytes of a request, and sends what comes back. A
seal that finds an identifier raises, and nothing is sent.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OutboundText:
    """The bytes of one request body, cleared for one destination.

    Only ``openmed_agent.privacy`` makes one; a test reads the source of every room for that.
    """

    content: bytes = field(repr=False)


Seal = Callable[[bytes], Awaitable[OutboundText]]
"""Returns a body that may leave, or raises NotPermittedError, or the error that kept it from telling."""
