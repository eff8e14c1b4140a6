"""Builds the job's pipeline and runs it."""

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineResult

from steamer_load.clean import clean
from steamer_load.load import load
from steamer_load.parameters import CleanJob, LoadJob, parse_job


def build_pipeline(pipeline: beam.Pipeline, job: LoadJob | CleanJob, ramp_up: bool = True) -> None:
    """Adds the job's steps to a pipeline.

    `ramp_up` obeys Datastore's rule: 500 writes a second at first, and 50 % more every five
    minutes.
    """
    if isinstance(job, CleanJob):
        clean(pipeline, job, ramp_up)
    else:
        load(pipeline, job, ramp_up)


def run(argv: list[str], ramp_up: bool = True) -> PipelineResult:
    """Starts the job that the arguments describe, on the runner that they name.

    Raises:
        Problem: the parameters are wrong.
    """
    options = PipelineOptions(argv)
    pipeline = beam.Pipeline(options=options)
    build_pipeline(pipeline, parse_job(options), ramp_up)
    return pipeline.run()
