"""Asks a Personalizer as a Python program would: client.py <folder of the stubs> <host:port>.

The stubs are made by grpcio-tools from the contract. It prints what it found, as JSON.
"""

import json
import sys

sys.path.insert(0, sys.argv[1])

import grpc
import personalizer_pb2 as messages
from grpc_health.v1 import health_pb2, health_pb2_grpc
from personalizer_pb2_grpc import PersonalizerStub


def refusal(call):
    try:
        call()
    except grpc.RpcError as error:
        return [error.code().name, error.details()]


with grpc.insecure_channel(sys.argv[2]) as channel:
    stub = PersonalizerStub(channel)
    request = messages.UserRequest(shop="toys", user="user-4", n=3)
    known = stub.GetUserRecommendations(request, timeout=10)
    history = [messages.Interaction(item="ink-0", event=messages.PURCHASE)]
    new = messages.UserRequest(shop="toys", user="somebody", n=2, scope="ink", history=history)
    popular = stub.GetPopular(messages.PopularRequest(shop="toys", n=2), timeout=10)
    pairs = [messages.Pair(shop="toys", user=user, item="ink-0") for user in ("user-4", "somebody")]
    predictions = list(stub.PredictMatrix(iter(pairs), timeout=10))
    health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10)
    found = {
        "model": known.model,
        "items": [result.item for result in known.results],
        "because": [list(result.because) for result in known.results],
        "new": [result.item for result in stub.GetUserRecommendations(new, timeout=10).results],
        "popular": [[result.item, result.score] for result in popular.results],
        "predicted": [prediction.HasField("score") for prediction in predictions],
        "healthy": health.status == health_pb2.HealthCheckResponse.SERVING,
        "unknown": refusal(
            lambda: stub.GetUserRecommendations(
                messages.UserRequest(shop="toys", user="somebody"), timeout=10
            )
        ),
    }
print(json.dumps(found))
