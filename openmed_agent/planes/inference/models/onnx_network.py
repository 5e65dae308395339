"""The arithmetic of a model in ONNX, by onnxruntime."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import onnxruntime

if TYPE_CHECKING:
    from openmed_agent.planes.inference.models.safetensors_file import Array

_FATAL_ONLY: Final = 4


class OnnxNetwork:
    """One session; onnxruntime raises types of its own where the file is broken."""

    def __init__(self, weights: Path) -> None:
        onnxruntime.disable_telemetry_events()
        onnxruntime.set_default_logger_severity(_FATAL_ONLY)
        self._session = onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])
        self._inputs = {one.name for one in self._session.get_inputs()}

    def logits(self, ids: list[int]) -> "Array":
        """Return (tokens, labels) of one text, special tokens included."""
        whole = np.array([ids], dtype=np.int64)
        every = {"input_ids": whole, "attention_mask": np.ones_like(whole), "token_type_ids": np.zeros_like(whole)}
        given = {name: values for name, values in every.items() if name in self._inputs}
        logits: Array = self._session.run(None, given)[0][0]
        return logits
