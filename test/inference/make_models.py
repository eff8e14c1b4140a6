"""Makes the models of the tests, and what Python says of the texts: make_models.py <folder>.

Each model is a folder in Hugging Face's layout. expected.json has, for each model that can be used,
the logits of each text alone, by Python's tokenizers and onnxruntime.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from graph import classifier
from onnxruntime.quantization import QuantType, quantize_dynamic
from texts import texts
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
POSITIONS = 48
EMOTIONS = ["sadness", "joy", "love", "anger", "fear", "surprise"]
FOLDER = Path(sys.argv[1])


def word_pieces() -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=500, special_tokens=SPECIAL, show_progress=False)
    tokenizer.train_from_iterator(texts()[:16], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


TOKENIZER = word_pieces()
VOCABULARY = TOKENIZER.get_vocab_size()


def write(name: str, model, labels: list[str], **config) -> Path:
    folder = FOLDER / name
    (folder / "onnx").mkdir(parents=True)
    (folder / "onnx/model.onnx").write_bytes(model.SerializeToString())
    TOKENIZER.save(str(folder / "tokenizer.json"))
    options = {"pad_token": "[PAD]", "model_max_length": 1000000000000000019884624838656}
    (folder / "tokenizer_config.json").write_text(json.dumps(options))
    known = {"model_type": "bert", "max_position_embeddings": POSITIONS}
    id2label = {str(k): label for k, label in enumerate(labels)}
    (folder / "config.json").write_text(json.dumps({**known, "id2label": id2label, **config}))
    return folder


def logits(folder: Path, file: str = "model.onnx") -> list[list[float]]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(folder / "onnx" / file, options)
    TOKENIZER.enable_truncation(POSITIONS)
    found = []
    for text in texts():
        encoded = TOKENIZER.encode(text)
        values = {"input_ids": encoded.ids, "attention_mask": encoded.attention_mask}
        values["token_type_ids"] = encoded.type_ids
        feeds = {each.name: np.array([values[each.name]], "i8") for each in session.get_inputs()}
        found.append(session.run(["logits"], feeds)[0][0].tolist())
    TOKENIZER.no_truncation()
    return found


def main() -> None:
    two = write("two", classifier(VOCABULARY, 2, POSITIONS, 1), ["NEGATIVE", "POSITIVE"])
    next_one = write("next", classifier(VOCABULARY, 2, POSITIONS, 2), ["NEGATIVE", "POSITIVE"])
    six = write("six", classifier(VOCABULARY, 6, POSITIONS, 3, inputs=3), EMOTIONS)
    one = write("one", classifier(VOCABULARY, 1, POSITIONS, 4), ["LABEL_0"])
    several = {"problem_type": "multi_label_classification"}
    many = write("several", classifier(VOCABULARY, 2, POSITIONS, 5), ["good", "bad"], **several)
    rounded = write("rounded", classifier(VOCABULARY, 2, POSITIONS, 1), ["1 star", "2 stars"])
    quantized = rounded / "onnx/model_quantized.onnx"
    quantize_dynamic(rounded / "onnx/model.onnx", quantized, weight_type=QuantType.QInt8)
    (rounded / "onnx/model.onnx").unlink()
    write("strange-labels", classifier(VOCABULARY, 2, POSITIONS, 1), ["tea", "ink"])
    write("three-labels", classifier(VOCABULARY, 2, POSITIONS, 1), ["bad", "neutral", "good"])
    write("small-vocabulary", classifier(VOCABULARY - 1, 2, POSITIONS, 1), ["bad", "good"])
    write("few-positions", classifier(VOCABULARY, 2, POSITIONS - 1, 1), ["bad", "good"])
    write("other-output", classifier(VOCABULARY, 2, POSITIONS, 1, output="scores"), ["bad", "good"])
    write("regression", classifier(VOCABULARY, 1, POSITIONS, 1), ["stars"], problem_type="regression")
    expected = {folder.name: logits(folder) for folder in (two, next_one, six, one, many)}
    expected["rounded"] = logits(rounded, "model_quantized.onnx")
    TOKENIZER.enable_truncation(POSITIONS)
    truncated = [bool(TOKENIZER.encode(text).overflowing) for text in texts()]
    found = {"texts": texts(), "truncated": truncated, "logits": expected}
    (FOLDER / "expected.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main()
