#!/usr/bin/env bash
# onnxruntime rounds a model's inputs to 8 bits, although the model has 8 bits in its weights alone.
#
# Weights are stored as integers, and DequantizeLinear makes floats of them for a MatMul: operators of
# the ONNX standard. The weights here are 0 and 31 times 1, so nothing is lost in them. The input is
# 1000 and 31 times 3. The product is 31 * 3 = 93. onnxruntime says 0.
#
# When it loads the model it fuses both nodes into one that computes with integers. For that it rounds
# 32 inputs at a time to 127 steps of their largest: 1000 makes steps of 8, so 3 becomes 0. The default
# level of accuracy does this, where the processor has a kernel for it. Without optimizations, or with
# another level, the result is right. No message says that anything was rounded. Few models have inputs
# as uneven as these, so most lose less; but what they compute is not what their weights say.
#
# What helps: the session's option session.qdq_matmulnbits_accuracy_level=1, of every runtime that
# loads the model. Or write the model with Cast and Mul instead of DequantizeLinear.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check onnxruntime==1.30.0 onnx==1.23.2 numpy==2.4.6

cat > find.py <<'END'
import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

print(f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}, numpy {numpy.__version__}")

weights = numpy.ones((32, 1), numpy.int8)
weights[0] = 0
graph = helper.make_graph(
    [
        helper.make_node("DequantizeLinear", ["weights", "scale"], ["floats"], axis=1),
        helper.make_node("MatMul", ["x", "floats"], ["y"]),
    ],
    "product",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", 32])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["rows", 1])],
    [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(numpy.ones(1, numpy.float32), "scale")],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
onnx.checker.check_model(model, full_check=True)

x = numpy.full((1, 32), 3, numpy.float32)
x[0, 0] = 1000
print("numpy:", (x @ weights.astype(numpy.float32)).item())


def product(**config):
    options = onnxruntime.SessionOptions()
    for key, value in config.items():
        options.add_session_config_entry(f"session.{key}", value)
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(None, {"x": x})[0].item()


print("onnxruntime:", product())
print("onnxruntime, accuracy level 1:", product(qdq_matmulnbits_accuracy_level="1"))
END

cat > expected <<'END'
numpy: 93.0
onnxruntime: 0.0
onnxruntime, accuracy level 1: 93.0
END

venv/bin/python find.py | tee seen
# The first line has the versions.
if ! diff expected <(tail -n +2 seen); then
  echo "Not as found: onnxruntime behaves differently here." >&2
  exit 1
fi
echo "As found: 93 became 0, since onnxruntime rounded the inputs of a model with 8 bits in its weights alone."
