"""Runs one token classifier on texts of any length; only local files are read."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Protocol

from openmed_agent.errors import InputError, UnavailableError
from openmed_agent.planes.inference.models.folder import ModelFolder
from openmed_agent.planes.inference.models.mentions import ModelMention, Token, mentions_of
from openmed_agent.text.terminal import terminal_safe

if TYPE_CHECKING:
    from openmed_agent.planes.inference.models.safetensors_file import Array

_OVERLAP_SHARE: Final = 4
_NO_WORD: Final = -1


class Network(Protocol):
    """The arithmetic of a model."""

    def logits(self, ids: list[int]) -> "Array":
        """Return (tokens, labels) for the numbers of the tokens of one text, special ones included."""


class TokenClassifier:
    """A loaded model. It may be asked from several threads at once."""

    def __init__(self, folder: ModelFolder) -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"  # tokenizers can download; here it never may
        # Requests run side by side already; products that share threads burn several times their work in waiting.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        self.folder = folder
        shown = terminal_safe(folder.name, single_line=True)
        try:
            import tokenizers  # noqa: PLC0415 - an extra

            self._network = _network(folder, shown)
        except ImportError:
            raise UnavailableError(
                "Local models need the packages onnxruntime and tokenizers.",
                remedy="Install openmed-agent with the extra 'models'.",
            ) from None
        try:
            self._tokenizer = tokenizers.Tokenizer.from_file(str(folder.path / "tokenizer.json"))
        except Exception:  # noqa: BLE001 - the library raises types of its own for a broken file
            raise _broken(shown) from None
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._before, self._after = self._special_ids()
        self._check_output(shown)

    def mentions(self, text: str) -> tuple[ModelMention, ...]:
        """Return the mentions in ``text``, in order and without overlap."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        if not encoding.ids:
            return ()
        probabilities = [self._probabilities(ids, kept) for ids, kept in self._windows(encoding.ids)]
        every = [row for window in probabilities for row in window]
        tokens = [
            Token(start, end, _NO_WORD - place if word is None else word, row)
            for place, ((start, end), word, row) in enumerate(
                zip(encoding.offsets, encoding.word_ids, every, strict=True)
            )
        ]
        return mentions_of(text, tokens, self.folder.labels)

    def _special_ids(self) -> tuple[list[int], list[int]]:
        """Return what the tokenizer puts before and after a text."""
        encoding = self._tokenizer.encode("a")
        inside = [place for place, special in enumerate(encoding.special_tokens_mask) if not special]
        if not inside:
            return list(encoding.ids), []
        return list(encoding.ids[: inside[0]]), list(encoding.ids[inside[-1] + 1 :])

    def _windows(self, ids: list[int]) -> Iterator[tuple[list[int], slice]]:
        """Yield overlapping windows, and which of its tokens each one is asked about: those far from its ends."""
        size = self.folder.window - len(self._before) - len(self._after)
        if len(ids) <= size:
            yield ids, slice(0, len(ids))
            return
        overlap = size // _OVERLAP_SHARE
        start = 0
        while True:
            window = ids[start : start + size]
            is_last = start + size >= len(ids)
            first = overlap // 2 if start else 0
            last = len(window) if is_last else size - (overlap - overlap // 2)
            yield window, slice(first, last)
            if is_last:
                return
            start += size - overlap

    def _probabilities(self, ids: list[int], kept: slice) -> list[list[float]]:
        import numpy as np  # noqa: PLC0415 - comes with the extra

        first = len(self._before)
        logits = self._network.logits([*self._before, *ids, *self._after])[first : first + len(ids)][kept]
        raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
        rows: list[list[float]] = (raised / raised.sum(axis=-1, keepdims=True)).tolist()
        return rows

    def _check_output(self, shown: str) -> None:
        """Ask the model about one token: a wrong number of labels is better known now than at the first chart."""
        try:
            rows = self._probabilities(self._tokenizer.encode("a", add_special_tokens=False).ids, slice(None))
        except InputError:
            raise
        except Exception:  # noqa: BLE001 - onnxruntime and numpy raise types of their own
            raise InputError(f"The model {shown} is no token classifier.", remedy="Check its files.") from None
        if any(len(row) != len(self.folder.labels) for row in rows):
            raise InputError(f"The model {shown} has other labels than its config.json.", remedy="Check its files.")


def _network(folder: ModelFolder, shown: str) -> Network:
    if folder.weights.suffix != ".onnx":
        from openmed_agent.planes.inference.models.encoders import EncoderNetwork  # noqa: PLC0415 - needs numpy

        return EncoderNetwork(folder.path / "config.json", folder.weights)
    from openmed_agent.planes.inference.models.onnx_network import OnnxNetwork  # noqa: PLC0415 - needs onnxruntime

    try:
        return OnnxNetwork(folder.weights)
    except ImportError:
        raise
    except Exception:  # noqa: BLE001 - onnxruntime raises types of its own for a broken file
        raise _broken(shown) from None


def _broken(shown: str) -> InputError:
    return InputError(f"The model {shown} cannot be loaded.", remedy="Check its files.")
