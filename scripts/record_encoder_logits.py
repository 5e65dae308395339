"""Record what transformers computes for tiny models, to hold the encoders in numpy against; run by hand.

In an environment of its own:

    pip install torch==2.13.0 transformers==5.23.0
    python scripts/record_encoder_logits.py > tests/planes/inference/recorded/encoder_logits.json

Weights are no random numbers but a formula of name and place (`number`), so only shapes and logits are written down.
"""

import json
import math
import sys
import zlib

import torch
import transformers

SIZE = {"vocab_size": 40, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}
LABELS = {"num_labels": 5, "max_position_embeddings": 64}
DISTIL = {"vocab_size": 40, "dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 48}
SPECIAL = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "cls_token_id": 2, "sep_token_id": 3}
LOG_BUCKETS = {"relative_attention": True, "position_buckets": 8, "norm_rel_ebd": "layer_norm", "share_att_key": True}
MODERN = SIZE | {"num_hidden_layers": 4, "num_labels": 5, "max_position_embeddings": 512} | SPECIAL
BEFORE_5 = {
    "local_attention": 10,
    "global_attn_every_n_layers": 2,
    "global_rope_theta": 2_000.0,
    "local_rope_theta": 50.0,
}
CASES = {
    "bert": transformers.BertConfig(**SIZE, **LABELS),
    "bert tanh": transformers.BertConfig(**SIZE, **LABELS, hidden_act="gelu_new"),
    "electra": transformers.ElectraConfig(**SIZE, **LABELS, embedding_size=16),
    "roberta": transformers.RobertaConfig(**SIZE, **LABELS, pad_token_id=1, layer_norm_eps=1e-5, type_vocab_size=1),
    "xlm-roberta": transformers.XLMRobertaConfig(**SIZE, **LABELS, pad_token_id=1, type_vocab_size=1),
    "camembert": transformers.CamembertConfig(**SIZE, **LABELS, pad_token_id=1),
    "distilbert": transformers.DistilBertConfig(**DISTIL, **LABELS),
    "deberta v3": transformers.DebertaV2Config(
        **SIZE, **LABELS, **LOG_BUCKETS, pos_att_type=["p2c", "c2p"], position_biased_input=False, type_vocab_size=0
    ),
    "deberta v2": transformers.DebertaV2Config(
        **SIZE,
        **LABELS,
        relative_attention=True,
        pos_att_type=["c2p", "p2c"],
        type_vocab_size=2,
        max_relative_positions=20,
    ),
    "deberta one way": transformers.DebertaV2Config(
        **SIZE, **LABELS, **LOG_BUCKETS, pos_att_type=["c2p"], position_biased_input=False, type_vocab_size=0
    ),
    "modernbert": transformers.ModernBertConfig(**MODERN, local_attention=8),
    "modernbert layer types": transformers.ModernBertConfig(
        **MODERN,
        layer_types=["sliding_attention", "full_attention", "full_attention", "sliding_attention"],
        rope_parameters={
            "full_attention": {"rope_type": "default", "rope_theta": 5_000.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
        },
        local_attention=12,
    ),
    "modernbert biased": transformers.ModernBertConfig(
        **MODERN,
        **dict.fromkeys(("norm_bias", "attention_bias", "mlp_bias", "classifier_bias"), True),
        hidden_activation="gelu_pytorch_tanh",
        classifier_activation="relu",
        norm_eps=1e-3,
    ),
    "modernbert long": transformers.ModernBertConfig(**MODERN | {"num_labels": 2}, local_attention=64),
    "modernbert before transformers 5": transformers.ModernBertConfig(**MODERN, **BEFORE_5),
}
WRITTEN = {"modernbert before transformers 5": MODERN | BEFORE_5 | {"model_type": "modernbert"}}
LONG = {"modernbert long": 300}
SHORT = 40


def numbers_of_tokens(count: int) -> list[int]:
    """Return a text of ``count`` tokens."""
    return [2, *(5 + 7 * place % 33 for place in range(count - 2)), 3]


def number(name: str, place: int) -> float:
    """Return the weight at ``place`` of the flat tensor ``name``."""
    wave = math.sin(place * 0.7391 + zlib.crc32(name.encode()) % 1000)
    return 1.0 + 0.1 * wave if name.endswith(("Norm.weight", "norm.weight")) else 0.35 * wave


def main() -> None:
    """Print the records as JSON."""
    records = {}
    for case, config in CASES.items():
        model = transformers.AutoModelForTokenClassification.from_config(config, attn_implementation="eager").eval()
        shapes = {}
        with torch.no_grad():
            for name, tensor in model.state_dict().items():
                if tensor.is_floating_point():
                    shapes[name] = list(tensor.shape)
                    tensor.copy_(torch.tensor([number(name, at) for at in range(tensor.numel())]).reshape(tensor.shape))
            ids = numbers_of_tokens(LONG.get(case, SHORT))
            logits = model(torch.tensor([ids])).logits[0]
        written = WRITTEN.get(case, config.to_dict())
        written = {key: value for key, value in written.items() if key not in {"id2label", "label2id"}}
        rounded = [[round(value, 7) for value in row] for row in logits.tolist()]
        records[case] = {"config": written, "ids": ids, "shapes": shapes, "logits": rounded}
    json.dump({"transformers": transformers.__version__, "models": records}, sys.stdout, separators=(",", ":"))


if __name__ == "__main__":
    main()
