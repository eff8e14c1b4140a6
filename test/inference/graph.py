"""A BERT of one layer as an ONNX graph. Its weights follow from a seed."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WIDTH, HEADS = 16, 2
INPUTS = ["input_ids", "attention_mask", "token_type_ids"]


class Graph:
    """Nodes and constants; each method returns the name of what it added."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: object) -> str:
        output = output or f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def constant(self, values: object, dtype: str | None = None) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(values, dtype), name))
        return name

    def weights(self, *shape: int) -> str:
        return self.constant(self.random.normal(0, 0.7, shape), "f4")


def classifier(
    vocabulary: int, labels: int, positions: int, seed: int, inputs: int = 2, output: str = "logits"
) -> onnx.ModelProto:
    """[texts, labels], from the first so many of INPUTS."""
    graph = Graph(seed)
    mask = graph.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    states = graph.add("Gather", graph.weights(vocabulary, WIDTH), "input_ids")
    if inputs == 3:
        segments = graph.add("Gather", graph.weights(2, WIDTH), "token_type_ids")
        states = graph.add("Add", states, segments)
    length = graph.add("Shape", "input_ids", start=1, end=2)
    zero, one = graph.constant(0, "i8"), graph.constant(1, "i8")
    places = graph.add("Range", zero, graph.add("Squeeze", length), one)
    states = graph.add("Add", states, graph.add("Gather", graph.weights(positions, WIDTH), places))
    states = attention(graph, states, mask)
    states = graph.add("Tanh", graph.add("MatMul", states, graph.weights(WIDTH, WIDTH)))
    wide = graph.add("Unsqueeze", mask, graph.constant([2], "i8"))
    axis = graph.constant([1], "i8")
    total = graph.add("ReduceSum", graph.add("Mul", states, wide), axis, keepdims=0)
    pooled = graph.add("Div", total, graph.add("ReduceSum", wide, axis, keepdims=0))
    graph.add("MatMul", pooled, graph.weights(WIDTH, labels), output=output)
    return whole(graph, inputs, output, labels)


def attention(graph: Graph, states: str, mask: str) -> str:
    absent = graph.add("Mul", graph.add("Sub", mask, graph.constant(1, "f4")), graph.constant(1e4, "f4"))
    bias = graph.add("Unsqueeze", absent, graph.constant([1, 2], "i8"))
    split = graph.constant([0, 0, HEADS, WIDTH // HEADS], "i8")

    def projected(order: list[int]) -> str:
        vectors = graph.add("MatMul", states, graph.weights(WIDTH, WIDTH))
        return graph.add("Transpose", graph.add("Reshape", vectors, split), perm=order)

    products = graph.add("MatMul", projected([0, 2, 1, 3]), projected([0, 2, 3, 1]))
    shares = graph.add("Softmax", graph.add("Add", products, bias), axis=-1)
    mixed = graph.add("MatMul", shares, projected([0, 2, 1, 3]))
    merged = graph.add("Transpose", mixed, perm=[0, 2, 1, 3])
    joined = graph.add("Reshape", merged, graph.constant([0, 0, WIDTH], "i8"))
    return graph.add("Add", joined, states)


def whole(graph: Graph, inputs: int, output: str, labels: int) -> onnx.ModelProto:
    read = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
        for name in INPUTS[:inputs]
    ]
    written = [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["texts", labels])]
    made = helper.make_graph(graph.nodes, "classifier", read, written, graph.constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model
