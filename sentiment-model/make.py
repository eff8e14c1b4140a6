"""Makes the model's folder, in Hugging Face's layout: make.py <folder>. It reads head.json, but no data."""

import json
import sys
from pathlib import Path

from encoder import LAYERS, TOKENS, WIDTH, classifier
from head import read_head
from minilm import read, weights

CONFIG = {
    "architectures": ["BertForSequenceClassification"],
    "model_type": "bert",
    "hidden_size": WIDTH,
    "num_hidden_layers": LAYERS,
    "max_position_embeddings": TOKENS,
    "pad_token_id": 0,
    "problem_type": "single_label_classification",
    "id2label": {"0": "NEGATIVE", "1": "POSITIVE"},
    "label2id": {"NEGATIVE": 0, "POSITIVE": 1},
}
TOKENIZER_CONFIG = {
    "tokenizer_class": "BertTokenizer",
    "do_lower_case": True,
    "model_max_length": TOKENS,
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
    "pad_token": "[PAD]",
    "sep_token": "[SEP]",
    "unk_token": "[UNK]",
}


def main(folder: Path) -> None:
    print("Reading MiniLM's weights ...", flush=True)
    encoder_weights = weights()
    print("Writing them as an ONNX graph, in 8 bits ...", flush=True)
    model = classifier(encoder_weights, *read_head()).SerializeToString(deterministic=True)
    put(folder / "onnx/model.onnx", model)
    put(folder / "tokenizer.json", to_json(tokenizer()))
    put(folder / "tokenizer_config.json", to_json(TOKENIZER_CONFIG))
    put(folder / "README.md", (Path(__file__).parent / "README.md").read_bytes())
    # The last file: when it is new, a running service takes up the folder.
    put(folder / "config.json", to_json(CONFIG))
    print(f"The sentiment model is in {folder} ({len(model) / 1e6:.1f} MB).")


def tokenizer() -> dict:
    """MiniLM's own, without cutting and padding: who runs the model does both."""
    return {**json.loads(read("tokenizer.json")), "truncation": None, "padding": None}


def to_json(content: dict) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def put(path: Path, content: bytes) -> None:
    """A reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
