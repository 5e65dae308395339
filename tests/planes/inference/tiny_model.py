"""Makes a tiny token classifier in the layout of Hugging Face: words wired to labels, in ONNX, written by hand.

The network is one look-up: token number -> logits. The bytes follow onnx.proto (protocol buffers).
"""

import json
import struct
from pathlib import Path

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
SURE = 8.0


def make_model(folder: Path, words: dict[str, str], *, extra: tuple[str, ...] = (), positions: int = 512) -> None:
    """Write a model that gives each piece of a word in ``words`` its label, and "O" to everything else.

    A piece that goes on with a word starts with ``##``. ``extra`` are pieces without a label.
    """
    import tokenizers
    from tokenizers import models, normalizers, pre_tokenizers, processors

    folder.mkdir(parents=True)
    labels = ["O", *sorted(set(words.values()))]
    pieces = [*SPECIAL, *words, *extra]
    config = {
        "architectures": ["TinyForTokenClassification"],
        "id2label": dict(enumerate(labels)),
        "max_position_embeddings": positions,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = tokenizers.Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    rows = [[SURE if label == words.get(piece, "O") else 0.0 for label in labels] for piece in pieces]
    (folder / "model.onnx").write_bytes(_model(rows))


def _model(rows: list[list[float]]) -> bytes:
    raw = b"".join(struct.pack("<f", value) for row in rows for value in row)
    weights = _number(1, len(rows)) + _number(1, len(rows[0])) + _number(2, 1) + _text(8, "weights") + _bytes(9, raw)
    node = _text(1, "weights") + _text(1, "input_ids") + _text(2, "logits") + _text(4, "Gather")
    graph = _bytes(1, node) + _text(2, "tiny") + _bytes(5, weights)
    graph += _bytes(11, _value("input_ids", 7, "batch", "tokens"))
    graph += _bytes(12, _value("logits", 1, "batch", "tokens", "labels"))
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _text(1, "") + _number(2, 13))


def _value(name: str, kind: int, *dimensions: str) -> bytes:
    shape = b"".join(_bytes(1, _text(2, dimension)) for dimension in dimensions)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, shape)))


def _varint(value: int) -> bytes:
    written = b""
    while value > 127:
        written += bytes([value & 127 | 128])
        value >>= 7
    return written + bytes([value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())
