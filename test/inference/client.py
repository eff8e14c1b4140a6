"""Asks an inference service as a Python program would: client.py <folder of the stubs> <host:port>.

The stubs are made by grpcio-tools from the contract. It prints what it found, as JSON.
"""

import json
import sys

sys.path.insert(0, sys.argv[1])

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from inference_pb2 import Text
from inference_pb2_grpc import InferenceStub


def shown(answer):
    return {
        "label": answer.label,
        "score": answer.score,
        "probabilities": [[each.label, each.probability] for each in answer.probabilities],
        "sentiment": answer.sentiment,
        "model": answer.model,
        "truncated": answer.truncated,
    }


def refusal(call):
    try:
        call()
    except grpc.RpcError as error:
        return [error.code().name, error.details()]


with grpc.insecure_channel(sys.argv[2]) as channel:
    stub = InferenceStub(channel)
    texts = [Text(text=text) for text in ("good", "Très déçu", "good " * 200)]
    health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10)
    found = {
        "one": shown(stub.ClassifyText(texts[0], timeout=10)),
        "all": [shown(answer) for answer in stub.ClassifyBatch(iter(texts), timeout=10)],
        "blank": refusal(lambda: stub.ClassifyText(Text(text=" "), timeout=10)),
        "healthy": health.status == health_pb2.HealthCheckResponse.SERVING,
    }
print(json.dumps(found))
