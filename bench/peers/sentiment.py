"""Classifies each review alone: sentiment.py <model> <texts.json>. ../sentiment/ours.ts does the same."""

import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

model, texts = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
config = json.loads((model / "tokenizer_config.json").read_text())
tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
tokenizer.enable_truncation(config["model_max_length"])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(model / "onnx/model.onnx", options)


def chance(text):
    ids = np.array([tokenizer.encode(text).ids])
    logits = session.run(["logits"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
    powers = np.exp(logits - logits.max())
    return float(powers[1] / powers.sum())


def peak_megabytes():
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6


[chance(text) for text in texts]
cpu, wall = time.process_time(), time.perf_counter()
chances = [chance(text) for text in texts]
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
milliseconds = 1000 / len(texts)
times = {"cpu": cpu * milliseconds, "wall": wall * milliseconds}
print(json.dumps({**times, "peak": peak_megabytes(), "chances": chances}))
