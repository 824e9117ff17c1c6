"""``grade stream``: the command for programs in any language."""

import os
import sys

import click

from grader.cli.common import course_option, device_option, isolation_option, settings_options
from grader.examiner.settings import Settings


@click.command("stream", short_help="Grade JSON Lines, for programs.")
@click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    help="Submissions to grade at a time; by default the number of cores.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**62),
    help="The seed of all requests that do not name one; by default a random one.",
)
@settings_options(device_option(), isolation_option, course_option)
def stream_command(workers: int | None, seed: int | None, settings: Settings) -> None:
    """Grade submissions that arrive as JSON Lines on standard input.

    Each line is an object like {"id": 1, "exercise": "exercise1", "source": "…"}.
    When a grade is ready, the command prints one line with the same id. For a malformed
    line, it prints an object with the key error. At the end of the input, or after SIGTERM,
    the command prints the remaining answers and ends.
    """
    from grader.programs.stream import Stream
    from grader.programs.warm import Grader

    with Grader(
        workers=workers,
        course=settings.root,
        isolation=settings.isolation,
        device=settings.device,
        seed=seed,
    ) as grader:
        # Bytes, because a line that is not UTF-8 must not end the stream.
        stream = Stream(grader, sys.stdin.buffer, sys.stdout.buffer)
        stream.run()

    if stream.is_cut_off:
        # The shell's exit code where nobody reads on. Python would try to write the rest.
        os._exit(141)
