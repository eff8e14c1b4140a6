"""What the head sees of sentences."""

import numpy as np
import onnxruntime
from encoder import TOKENS, feature_model
from minilm import read, weights
from sentences import Sentence
from tokenizers import Tokenizer


def features(sentences: list[Sentence]) -> np.ndarray:
    """A row of float64 for each sentence, computed by the very graph that make.py writes."""
    tokenizer = Tokenizer.from_str(read("tokenizer.json").decode())
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(feature_model(weights()).SerializeToString(), options)
    rows = [feature_row(session, tokenizer.encode(sentence.text).ids) for sentence in sentences]
    return np.array(rows, np.float64)


def feature_row(session: onnxruntime.InferenceSession, tokens: list[int]) -> np.ndarray:
    ids = np.array([tokens])
    return session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
