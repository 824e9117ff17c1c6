"""A reward function for the trainers of TRL, such as ``GRPOTrainer``.

Install it with ``pip install 'torch-exercise-grader[trl]'``. The dataset has a column
``exercise`` with the id of the exercise for each prompt; ``grader.adapters.answers.prompts``
has the prompts.
"""

from collections.abc import Callable, Sequence
from typing import Any

from grader.adapters.answers import source_in
from grader.errors import UsageError
from grader.programs.warm import Grader

Completion = str | Sequence[dict[str, Any]]
"""A text, or the messages of a conversation; the last one counts."""


def reward_function(grader: Grader, *, seeds: int = 1) -> Callable[..., list[float | None]]:
    """Make a reward function that grades with ``grader``.

    Each reward is the share of the points. It is None, which TRL leaves out, if the grader could
    not grade. ``seeds`` is that of ``Grader.grade``.
    """

    def grade_reward(
        completions: Sequence[Completion],
        exercise: Sequence[str] | None = None,
        **_columns: object,
    ) -> list[float | None]:
        if exercise is None:
            raise UsageError(
                "the dataset has no column `exercise`", advice="add the id of the exercise"
            )

        futures = []
        for completion, name in zip(completions, exercise, strict=True):
            source = source_in(_text(completion), grader.names(name))
            encoded = source.encode("utf-8", "surrogatepass")
            futures.append(grader.submit(name, encoded, seeds=seeds))

        return [future.result().reward for future in futures]

    return grade_reward


def _text(completion: Completion) -> str:
    if isinstance(completion, str):
        return completion
    if not completion:
        return ""

    content = completion[-1].get("content") or ""
    if isinstance(content, str):
        return content

    # The parts of a message with several kinds of content.
    return "".join(part.get("text") or "" for part in content)
