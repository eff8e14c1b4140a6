"""MiniLM as an ONNX graph: BERT with six layers (https://arxiv.org/abs/2002.10957), and a head."""

import numpy as np
import onnx
from graph import Graph
from onnx import TensorProto

LAYERS, HEADS, WIDTH = 6, 12, 384
# The token count that MiniLM's authors cut texts at (sentence_bert_config.json).
TOKENS = 256
# The layers whose outputs the head sees, averaged over the tokens of a text.
SEEN = (4, 5, 6)
EPSILON = 1e-12
INPUTS = ["input_ids", "attention_mask"]

Weights = dict[str, np.ndarray]


def feature_model(weights: Weights) -> onnx.ModelProto:
    """[texts, len(SEEN) * WIDTH]: what the head is trained on."""
    graph = Graph()
    return graph.model(INPUTS, features(graph, weights, output="features"), len(SEEN) * WIDTH)


def classifier(weights: Weights, head: np.ndarray, bias: float) -> onnx.ModelProto:
    """[texts, 2]: the logits of NEGATIVE and POSITIVE. Their difference is what the head computes."""
    graph = Graph()
    half = np.stack([-head, head], axis=1) / 2
    product = graph.add("MatMul", features(graph, weights), graph.constant(half, "f4"))
    logits = graph.add("Add", product, graph.constant([-bias / 2, bias / 2], "f4"), output="logits")
    return graph.model(INPUTS, logits, 2)


def features(graph: Graph, weights: Weights, output: str = "") -> str:
    mask = graph.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    # What is added to the attention of padding, [texts, 1, 1, tokens]: its softmax is then exactly 0.
    absent = graph.add("Sub", mask, graph.constant(1.0, "f4"))
    bias = graph.add("Unsqueeze", graph.add("Mul", absent, graph.constant(1e4, "f4")), graph.constant([1, 2]))
    states = [embedding(graph, weights)]
    for number in range(LAYERS):
        states.append(layer(graph, weights, f"encoder.layer.{number}", states[-1], bias))
    means = [mean(graph, states[number], mask) for number in SEEN]
    return graph.add("Concat", *means, output=output, axis=1)


def mean(graph: Graph, states: str, mask: str) -> str:
    """The mean over a text's tokens, as a product [texts, 1, tokens] x [texts, tokens, WIDTH]."""
    last, middle = graph.constant([1]), graph.constant([1])
    count = graph.add("ReduceSum", mask, last, keepdims=1)
    share = graph.add("Unsqueeze", graph.add("Div", mask, count), middle)
    return graph.add("Squeeze", graph.add("MatMul", share, states), middle)


def embedding(graph: Graph, weights: Weights) -> str:
    words = graph.lookup(weights["embeddings.word_embeddings.weight"], "input_ids")
    # A text is one segment, so that the segment's embedding is the same everywhere.
    segment = weights["embeddings.token_type_embeddings.weight"][0]
    places = graph.constant(weights["embeddings.position_embeddings.weight"][:TOKENS] + segment)
    zero, length = graph.constant([0]), graph.add("Shape", "input_ids", start=1, end=2)
    placed = graph.add("Add", words, graph.add("Slice", places, zero, length, zero))
    return normalized(graph, weights, "embeddings.LayerNorm", placed)


def layer(graph: Graph, weights: Weights, name: str, states: str, bias: str) -> str:
    attended = attention(graph, weights, f"{name}.attention", states, bias)
    inner = graph.add("Gelu", linear(graph, weights, f"{name}.intermediate.dense", attended))
    outer = linear(graph, weights, f"{name}.output.dense", inner)
    return normalized(graph, weights, f"{name}.output.LayerNorm", graph.add("Add", outer, attended))


def attention(graph: Graph, weights: Weights, name: str, states: str, bias: str) -> str:
    split, joined = graph.constant([0, 0, HEADS, WIDTH // HEADS]), graph.constant([0, 0, WIDTH])

    def projected(part: str, order: list[int]) -> str:
        vectors = linear(graph, weights, f"{name}.self.{part}", states)
        return graph.add("Transpose", graph.add("Reshape", vectors, split), perm=order)

    products = graph.add("MatMul", projected("query", [0, 2, 1, 3]), projected("key", [0, 2, 3, 1]))
    scaled = graph.add("Mul", products, graph.constant((WIDTH // HEADS) ** -0.5, "f4"))
    shares = graph.add("Softmax", graph.add("Add", scaled, bias), axis=-1)
    mixed = graph.add("MatMul", shares, projected("value", [0, 2, 1, 3]))
    merged = graph.add("Reshape", graph.add("Transpose", mixed, perm=[0, 2, 1, 3]), joined)
    output = linear(graph, weights, f"{name}.output.dense", merged)
    return normalized(graph, weights, f"{name}.output.LayerNorm", graph.add("Add", output, states))


def linear(graph: Graph, weights: Weights, name: str, inputs: str) -> str:
    product = graph.add("MatMul", inputs, graph.matrix(weights[f"{name}.weight"].T))
    return graph.add("Add", product, graph.constant(weights[f"{name}.bias"]))


def normalized(graph: Graph, weights: Weights, name: str, inputs: str) -> str:
    scale, shift = graph.constant(weights[f"{name}.weight"]), graph.constant(weights[f"{name}.bias"])
    return graph.add("LayerNormalization", inputs, scale, shift, axis=-1, epsilon=EPSILON)
