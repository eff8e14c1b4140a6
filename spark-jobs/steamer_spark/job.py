"""The similarity job, from the pinned exports to neighbours, catalogue, factors and metrics."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import SparkSession

from steamer_spark.buyers import write_buyers
from steamer_spark.catalogue import write_catalogue
from steamer_spark.dimsum import keep_probabilities, sample
from steamer_spark.factors import refuse_exponent, write_factors
from steamer_spark.folders import delete, write_text
from steamer_spark.hashing import murmur3
from steamer_spark.histories import Collected, Histories, collect_histories
from steamer_spark.interactions import nothing_exported, read_interactions, read_said_of_items
from steamer_spark.matrix import Matrix, build_matrix, squared_norms
from steamer_spark.neighbours import write_neighbours
from steamer_spark.people import find_people
from steamer_spark.problem import Problem
from steamer_spark.progress import log, step
from steamer_spark.recall import recall_of_sample
from steamer_spark.request import Options, Request
from steamer_spark.reviews import with_reviews
from steamer_spark.scopes import write_scopes
from steamer_spark.sequences import Sequences, build_sequences
from steamer_spark.solving import solve_in_tasks


def run(spark: SparkSession, request: Request) -> None:
    """Runs the job. It writes its counts last: SimilarityCounts of contracts/metrics.ts, in
    metrics.json.

    Raises Problem when there is nothing to read, or too much, or when Spark fails. The Problem also
    goes into problem.json, because the driver's log is lost with the cluster.
    """
    output = request.output.rstrip("/")
    with step(spark, "Making room for the output"):
        for name in ("metrics.json", "problem.json"):
            delete(spark, f"{output}/{name}")
    try:
        metrics = json.dumps(find_all(spark, request, output))
        with step(spark, "Writing the metrics"):
            write_text(spark, f"{output}/metrics.json", metrics)
        log.info("Done: %s", metrics)
    except Problem as problem:
        details = {"doing": problem.doing, "why": problem.why, "next": problem.next}
        write_text(spark, f"{output}/problem.json", json.dumps(details))
        raise


def find_all(spark: SparkSession, request: Request, output: str) -> dict[str, Any]:
    """Writes neighbours, catalogue, scopes and factors, and returns the metrics."""
    if request.als:
        refuse_exponent(request.als)
    with step(spark, f"Reading {len(request.interactions)} days of interactions"):
        rows = read_interactions(spark, request.interactions, *columns_of(request))
        people = None
        if request.people:
            rows, people = find_people(rows, request.people)
        if request.buyers:
            with step(spark, "Writing the buyers of the last day"):
                write_buyers(rows, request.buyers, f"{output}/buyers")
        rows = rows.drop("day")
        reviewed = with_reviews(spark, rows, request.reviews)
        interactions = reviewed.interactions
        collected = collect_histories(interactions, request.scenarios, request.options)
        if collected is None:
            raise nothing_exported(request.interactions)
    metrics = find_tables(spark, collected, reviewed.share_of(collected.ids), request, output)
    if people:
        metrics["people"] = people
    if request.scopes:
        with step(spark, "Listing the scopes"):
            metrics["scopes"] = write_scopes(interactions, request.scopes, f"{output}/scopes")
    if request.als:
        # The driver needs its memory for the items' factors.
        del collected
        metrics["factors"] = write_factors(
            spark, interactions, request.als, output, reviewed.disliked
        )
    return metrics


def columns_of(request: Request) -> list[str]:
    """The columns of interactions that only some requests need."""
    of_people = ["device"] if request.people else []
    of_days = ["day"] if request.people or request.buyers else []
    return (["scope"] if request.scopes else []) + of_people + of_days


def find_tables(
    spark: SparkSession, collected: Collected, share: np.ndarray, request: Request, output: str
) -> dict[str, Any]:
    """Writes neighbours and catalogue, and returns their metrics."""
    options, ids, histories = request.options, collected.ids, collected.histories
    with step(spark, "Writing the catalogue"):
        write_catalogue(spark, collected, read_said_of_items(spark, request.items), f"{output}/catalogue")
    with step(spark, "Laying out the matrices"):
        prepared = {name: prepare(found, ids, options[name], share) for name, found in histories.items()}
    for name, (sequences, counts) in prepared.items():
        if options[name].solved:
            with step(spark, f"Solving the table {name}"):
                solved, mended = solve_in_tasks(spark, sequences, share, options[name])
            prepared[name] = solved, counts | mended
    matrices = {name: matrix for name, (matrix, _) in prepared.items()}
    with step(spark, "Finding neighbours"):
        found = write_neighbours(spark, matrices, ids, options, f"{output}/neighbours")
    scenarios = {name: {**counts, "neighbours": found[name]} for name, (_, counts) in prepared.items()}
    return {"items": len(ids), "users": collected.users, "scenarios": scenarios}


def prepare(
    histories: Histories, ids: pa.StringArray, options: Options, share: np.ndarray | float = 1.0
) -> tuple[Matrix | Sequences, dict[str, Any]]:
    """Samples (mode `dimsum`) and lays out a scenario's matrix. The counts are ScenarioMetrics."""
    if options.ordered:
        sequences = build_sequences(histories, options, share)
        kept = len(histories.item)
        counts = {"entries": histories.entries, "capped": kept, "kept": kept}
        return sequences, counts | {"pairs": int(sequences.work().sum())}
    squared_norm = squared_norms(histories)
    kept, probability = histories, None
    if options.sampled:
        probability = keep_probabilities(squared_norm, options)
        kept = sample(histories, probability, murmur3(ids), options.seed)
    matrix = build_matrix(kept, squared_norm, probability, options, share)
    length = kept.length.astype("int64")
    counts = {"entries": histories.entries, "capped": len(histories.item), "kept": len(kept.item)}
    counts |= {"pairs": int((length * (length - 1)).sum())}
    if options.sampled:
        exact = build_matrix(histories, squared_norm, None, options, share)
        counts["recallAtTop"] = recall_of_sample(exact, matrix, options)
    return matrix, counts
