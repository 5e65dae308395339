"""The end of every answer, whichever protocol carried it: a reply, or the error that it amounts to."""

from openmed_agent.models.call_assembly import CallAssembly
from openmed_agent.models.failures import broken, overflow
from openmed_agent.models.finish import FinishReason
from openmed_agent.models.provider import Reply, Usage


def whole_reply(
    text: str, calls: CallAssembly, *, finish: FinishReason, reasoned: bool, usage: Usage, host: str
) -> Reply:
    """Return the reply; an answer of nothing is none, since a conversation that is too long looks like it.

    Raises:
        ModelError: the answer is empty, or calls a tool without a name.

    """
    if calls.nameless:
        raise broken(host, "calls a tool without a name")
    if not text and not calls and finish != "refused":
        if finish != "length":
            raise broken(host, "is empty", transient=True)
        if not reasoned:
            raise overflow(host)
    return Reply(text=text, calls=calls.calls(), finish=finish, usage=usage)
