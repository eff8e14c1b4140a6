"""An ONNX graph, node by node. Large weights are stored in 8 bits."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# LayerNormalization and Gelu are operators of their own from opset 20 on.
OPSET, IR_VERSION = 20, 10
# So many weights of a column share a scale.
BLOCK = 128


class Graph:
    """Nodes and constants; each method returns the name of what it added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: object) -> str:
        output = output or f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def constant(self, values: np.ndarray | list[int] | float, dtype: str | None = None) -> str:
        name = f"constant_{len(self.constants)}"
        # tobytes() copies what is transposed into rows.
        self.constants.append(numpy_helper.from_array(np.array(values, dtype, order="C"), name))
        return name

    def matrix(self, values: np.ndarray) -> str:
        """A matrix [in, out] in 8 bits, with a scale for each block of a column.

        A runtime makes floats of it once, when it loads the graph, since all of it is constant. With
        MatMulNBits or DequantizeLinear it would keep the 8 bits and, by default, round activations too.
        """
        rows, columns = values.shape
        rounded, scales = eight_bits(values.reshape(rows // BLOCK, BLOCK, columns), axis=1)
        floats = self.add("Cast", self.constant(rounded), to=TensorProto.FLOAT)
        blocks = self.add("Mul", floats, self.constant(scales))
        return self.add("Reshape", blocks, self.constant([rows, columns]))

    def lookup(self, values: np.ndarray, rows: str) -> str:
        """Rows of a table in 8 bits with a scale a row. Only the rows that are looked up become floats."""
        rounded, scales = eight_bits(values, axis=1)
        looked_up = self.add("Gather", self.constant(rounded), rows)
        floats = self.add("Cast", looked_up, to=TensorProto.FLOAT)
        return self.add("Mul", floats, self.add("Gather", self.constant(scales), rows))

    def model(self, inputs: list[str], output: str, width: int) -> onnx.ModelProto:
        """The whole, checked: int64 inputs [texts, tokens], one float output [texts, width]."""
        graph = helper.make_graph(
            self.nodes,
            "sentiment",
            [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"]) for name in inputs],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["texts", width])],
            self.constants,
        )
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="steamer")
        onnx.checker.check_model(model, full_check=True)
        return model


def eight_bits(values: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Integers from -127 to 127, and what to multiply them by. Both are exact on every machine."""
    scales = np.abs(values).max(axis, keepdims=True) / np.float32(127)
    return np.rint(values / scales).astype(np.int8), scales
