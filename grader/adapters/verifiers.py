"""An environment for verifiers (version 0.4 or later, its API ``verifiers.v1``).

Install it with ``pip install 'torch-exercise-grader[verifiers]'``, and name this module as the
taskset.
"""

import asyncio
from functools import cache

import verifiers.v1 as vf

from grader.adapters.answers import prompts, source_in
from grader.errors import ExaminerError
from grader.programs.warm import Grader


class ExerciseData(vf.TaskData):
    """One exercise."""

    exercise: str
    """Its id."""


class ExerciseTaskConfig(vf.TaskConfig):
    """How to grade."""

    course: str | None = None
    """The folder of another course."""
    workers: int | None = None
    """Submissions that are graded at once; by default one for each core."""
    seeds: int = 1
    """How many gradings the worst reward is taken from."""


class ExerciseTask(vf.Task[ExerciseData, vf.State, ExerciseTaskConfig]):
    """Answer with the code of one exercise; the reward is the share of the points."""

    @vf.reward(weight=1.0)
    async def share_of_points(self, trace: vf.Trace) -> float:
        """Grade the last reply; raises ``ExaminerError`` if the grader could not grade."""
        grader = _grader(self.config.course, self.config.workers)
        source = source_in(trace.last_reply, grader.names(self.data.exercise))
        grade = await asyncio.to_thread(
            grader.grade,
            self.data.exercise,
            source.encode("utf-8", "surrogatepass"),
            seeds=self.config.seeds,
        )
        if grade.reward is None:
            # The rollout then counts as failed, and not as one without points.
            raise ExaminerError(grade.checks[0].message)

        return grade.reward


class ExerciseConfig(vf.TasksetConfig):
    """The exercises of a course."""

    task: ExerciseTaskConfig = ExerciseTaskConfig()


class ExerciseTaskset(vf.Taskset[ExerciseTask, ExerciseConfig]):
    """All exercises of a course, in its order."""

    def load(self) -> list[ExerciseTask]:
        """Make one task for each exercise."""
        config = self.config.task
        return [
            ExerciseTask(ExerciseData(id=name, exercise=name, prompt=prompt), config)
            for name, prompt in prompts(config.course).items()
        ]


@cache
def _grader(course: str | None, workers: int | None) -> Grader:
    """The grader of all tasks with these settings; its examiners end with the program."""
    return Grader(course=course, workers=workers)
