"""Why a model's answer ended. On its own, so that a face learns it without the providers."""

from typing import Literal

FinishReason = Literal["stop", "tool_calls", "length", "refused"]
