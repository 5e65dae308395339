"""Clears what holds nothing but this program's own words: the questions of ``endpoint-doctor``, a model's name.

A conversation never comes here; it has the gate of its session.
"""

from openmed_agent.net.outbound_text import OutboundText


async def clear_program_text(body: bytes) -> OutboundText:
    """Return the body of a request that holds nothing but text of this program."""
    return OutboundText(body)
