"""A task and a scorer for Inspect (inspect.aisi.org.uk).

Install it with ``pip install 'torch-exercise-grader[inspect]'``, then run
``inspect eval grader.adapters.inspect_ai --model …``.
"""

from functools import partial
from pathlib import Path

import anyio.to_thread
from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import Score, Scorer, Target, accuracy, scorer, stderr
from inspect_ai.solver import TaskState, generate

from grader.adapters.answers import prompts, source_in
from grader.programs.warm import Grader


@task
def whole_course(course: str | None = None, workers: int | None = None, seeds: int = 1) -> Task:
    """All exercises of a course, by default of the one that comes with the grader."""
    samples = [
        Sample(id=name, input=prompt, target=name) for name, prompt in prompts(course).items()
    ]
    return Task(
        dataset=MemoryDataset(samples, name="course"),
        solver=generate(),
        scorer=share_of_points(course, workers, seeds),
    )


@scorer(metrics=[accuracy(), stderr()])
def share_of_points(
    course: str | None = None, workers: int | None = None, seeds: int = 1
) -> Scorer:
    """Score an answer with its share of the points, 0 to 1.

    The target of a sample is the id of its exercise. A sample that the grader could not grade is
    unscored.
    """
    root = None if course is None else Path(course)
    # Its examiners start with the first sample, and end with the program.
    grader = Grader(course=root, workers=workers)

    async def score(state: TaskState, target: Target) -> Score:
        source = source_in(state.output.completion, grader.names(target.text))
        call = partial(grader.grade, target.text, source.encode("utf-8", "surrogatepass"))
        # In a thread, because Inspect can run on another event loop than asyncio.
        grade = await anyio.to_thread.run_sync(partial(call, seeds=seeds))
        outcomes = {name: outcome.value for name, outcome in grade.outcomes.items()}
        if grade.reward is None:
            reason = grade.checks[0].message
            return Score.unscored(reason="scoring_failed", answer=source, explanation=reason)

        return Score(
            value=grade.reward,
            answer=source,
            explanation=grade.explanation,
            metadata={"outcomes": outcomes, "seed": grade.seed},
        )

    return score
