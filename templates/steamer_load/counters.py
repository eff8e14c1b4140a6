"""The load stage's counters, named in contracts/jobs.ts."""

from typing import Literal, TypeVar

from apache_beam.metrics import Metrics, MetricsFilter
from apache_beam.runners.runner import PipelineResult

NAMESPACE = "steamer"
COUNTERS = ("entities", "rejected", "deleted")
T = TypeVar("T")


def counted(element: T, counter: Literal["entities", "rejected", "deleted"]) -> T:
    """Counts an element and passes it on."""
    Metrics.counter(NAMESPACE, counter).inc()
    return element


def counters_of(result: PipelineResult) -> dict[str, int]:
    """The counters of a job that has ended. A runner leaves out untouched counters: they are 0."""
    touched = result.metrics().query(MetricsFilter().with_namespace(NAMESPACE))["counters"]
    return {name: 0 for name in COUNTERS} | {each.key.metric.name: each.result for each in touched}
