"""How the body of a tool's result is to be read. On its own, so that a face learns it without the tools."""

from typing import Literal

DisplayKind = Literal["text", "diff", "draft", "plan"]
