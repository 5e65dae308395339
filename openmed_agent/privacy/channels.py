"""Which ways beyond this program a tool may use in a PHI mode, and what goes along them."""

from enum import StrEnum
from typing import Final

from openmed_agent.privacy.modes import PhiMode


class ToolChannel(StrEnum):
    """How a tool reaches beyond this program."""

    LOCAL = "local"
    """This machine: files, the store, embedded planes."""
    MCP = "mcp"
    WEB = "web"


_OFF_IN_STRICT: Final = frozenset({ToolChannel.MCP, ToolChannel.WEB})


def is_channel_open(mode: PhiMode, channel: ToolChannel) -> bool:
    """Return whether tools of ``channel`` may be used at all: MCP and the web are off in strict."""
    return mode is not PhiMode.STRICT or channel not in _OFF_IN_STRICT


def gets_originals(mode: PhiMode, channel: ToolChannel) -> bool:
    """Return whether arguments for ``channel`` are re-identified: always on this machine, beyond it in full only."""
    return channel is ToolChannel.LOCAL or mode is PhiMode.FULL
