"""The adapters, each with the real library. A test is skipped if its library is not installed."""

import asyncio
import subprocess
import sys

import pytest

from grader.adapters.answers import prompts, source_in
from grader.adapters.trl import reward_function
from grader.errors import GraderError
from grader.programs.warm import Grader
from tests.grading import SMALL_COURSE

GOOD = "import torch\n\ndef double(x):\n    return torch.mul(x, 2)\n"
ANSWER = f"I double it.\n\n```python\n{GOOD}```\nDone."
DOUBLE = "def double(x):\n\n    pass\n"
QUOTING = "def double(x):\n    '''\n    ```\n    double(3)\n    ```\n    '''\n    return x\n"
WRONG = "```python\ndef double(x):\n    return x * 3\n```"


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        (ANSWER, GOOD),
        (GOOD, GOOD),
        (f"```\nx = 1\n```\n```py\n{GOOD}```", GOOD),
        (f"<think>```python\nwrong\n```</think>\n{ANSWER}", GOOD),
        (f"```python\n{GOOD}", GOOD),
        ("```yaml\nvector: (3,)\n```", "vector: (3,)\n"),
        ("", ""),
        (f"{ANSWER}\n```python\nprint(double(3))\n```", GOOD),
        (f"{ANSWER}\n```\ntensor([6])\n```\n```bash\npip install torch\n```", GOOD),
        (f"{WRONG}\nBetter:\n{ANSWER}", GOOD),
        (f"~~~python\n{GOOD}~~~\nor ```this```", GOOD),
        (f"````python\n{GOOD}# ```\n```\n````", f"{GOOD}# ```\n```\n"),
        ("1. Code:\n\n   ```python\n   def double(x):\n\n       pass\n   ```", DOUBLE),
        ("```python\n    def double(x):\n\n        pass\n```", DOUBLE),
        (f"```python\n{QUOTING}```", QUOTING),
        (f"```python\n{GOOD}```<|im_end|>", GOOD),
        (f"```python title='double.py'\r\n{GOOD}```\r\n", GOOD),
        (f"<think>\nperhaps\n{ANSWER}\nor not", ""),
        ("```bash\npip install torch\n```", "pip install torch\n"),
    ],
)
def test_source_in_an_answer(answer, source):
    """The last block with the definition counts, or the whole answer; the reasoning never does."""
    assert source_in(answer, ["double"]) == source


@pytest.mark.parametrize("after", ["```\n```", "```", "```python\nprint(double(3))\n```"])
def test_source_without_names(after):
    """Where nobody says what is asked for, the last block with a definition counts."""
    assert source_in(f"{ANSWER}\n{after}") == GOOD


def test_long_answers():
    """An answer of a million fences takes no time to speak of."""
    assert source_in("```\n" * 10**6 + "```" + " " * 10**6 + "`") == ""


def test_prompts():
    """There is a prompt for each exercise, in order, without anything hidden."""
    found = prompts(SMALL_COURSE)
    assert list(found) == ["double", "sizes", "target", "workers"]
    assert "double(x) -> Tensor" in found["double"]
    assert "MARKER-IN" not in "".join(found.values())


def test_trl():
    """Rewards for texts and conversations; the column with the exercise is required."""
    with Grader(workers=1, course=SMALL_COURSE) as grader:
        reward = reward_function(grader)
        completions = [ANSWER, [{"role": "assistant", "content": WRONG}], "", "double.py"]
        found = reward(prompts=[""] * 4, completions=completions, exercise=["double"] * 4)
        assert found == [1, 0.2, 0, 0]
        with pytest.raises(GraderError, match="no column `exercise`"):
            reward(prompts=[""], completions=[ANSWER])


TRAINER = f"""
import sys
from datasets import Dataset
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast
from tokenizers import Tokenizer, models
from trl import GRPOConfig, GRPOTrainer
from grader.adapters.trl import reward_function
from grader.programs.warm import Grader

plain = Tokenizer(models.WordLevel({{"<pad>": 0, "<end>": 1, "x": 2}}, unk_token="x"))
tokenizer = PreTrainedTokenizerFast(tokenizer_object=plain, pad_token="<pad>", eos_token="<end>")
model = GPT2LMHeadModel(GPT2Config(vocab_size=3, n_positions=32, n_embd=8, n_layer=1, n_head=1))
data = Dataset.from_dict({{"prompt": ["x"] * 2, "exercise": ["double"] * 2}})
options = dict(output_dir=sys.argv[1], max_steps=1, num_generations=2, max_completion_length=4,
               per_device_train_batch_size=2, report_to=[], use_cpu=True, save_strategy="no")
with Grader(workers=1, course={str(SMALL_COURSE)!r}) as grader:
    trainer = GRPOTrainer(model, reward_function(grader), GRPOConfig(**options), data,
                          processing_class=tokenizer)
    trainer.train()
rewards = [log["reward"] for log in trainer.state.log_history if "reward" in log]
assert rewards == [0], rewards
"""


@pytest.mark.slow
def test_trl_in_a_trainer(tmp_path):
    """A real trainer takes one step with a tiny model and the rewards of the grader."""
    pytest.importorskip("trl")
    done = subprocess.run(
        [sys.executable, "-c", TRAINER, str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


EVALUATION = f"""
import math, sys
import inspect_ai
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from grader.adapters.inspect_ai import whole_course
from grader.programs.warm import Grader

answers = [ModelOutput.from_content("mockllm/model", text) for text in sys.argv[2:]]
for answer in answers:
    # Otherwise Inspect downloads a tokenizer to count the tokens.
    answer.usage = ModelUsage()
model = get_model("mockllm/model", custom_outputs=answers)
task = whole_course({str(SMALL_COURSE)!r}, workers=1)
task.dataset = task.dataset.filter(lambda sample: sample.id == "double")
options = dict(model=model, display="none", log_dir=sys.argv[1])
for _ in answers:
    [log] = inspect_ai.eval(task, **options)
    assert log.status == "success", log.error
    print(log.samples[0].scores["share_of_points"].value, log.results.scores[0].scored_samples)
    if _ is answers[1]:
        # An examiner that never answers in time.
        Grader.__init__.__kwdefaults__["timeout"] = 1e-6
        task = whole_course({str(SMALL_COURSE)!r}, workers=1)
        task.dataset = task.dataset.filter(lambda sample: sample.id == "double")
"""


def test_inspect(tmp_path):
    """An evaluation with a model that gives fixed answers; an ungraded sample is unscored."""
    pytest.importorskip("inspect_ai")
    done = subprocess.run(
        [sys.executable, "-c", EVALUATION, str(tmp_path), ANSWER, WRONG, ANSWER],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stdout == "1.0 1\n0.2 1\nnan 0\n", done.stderr


def _ungraded(self, exercise, source, *, seeds=1):
    """A grade of a grader that failed."""
    from grader.course.loading import load_exercise
    from grader.examiner.protocol import Examine
    from grader.grades.grade import Outcome
    from grader.submission.files import Submission

    loaded = load_exercise(SMALL_COURSE, exercise)
    examine = Examine(loaded, Submission("double.py", source), "", 1)
    return examine.zero_grade(Outcome.UNGRADED, "no examiner today")


@pytest.mark.filterwarnings("ignore")
def test_verifiers(monkeypatch):
    """The taskset has a task for each exercise, and its reward is the share of the points."""
    pytest.importorskip("verifiers.v1")
    from grader.adapters import verifiers

    config = verifiers.ExerciseConfig(
        task=verifiers.ExerciseTaskConfig(course=str(SMALL_COURSE), workers=1)
    )
    tasks = {task.data.exercise: task for task in verifiers.ExerciseTaskset(config)}
    assert list(tasks) == ["double", "sizes", "target", "workers"]

    class Trace:
        def __init__(self, reply):
            self.last_reply = reply

    task = tasks["double"]
    assert asyncio.run(task.share_of_points(Trace(ANSWER))) == 1
    assert asyncio.run(task.share_of_points(Trace(WRONG))) == 0.2
    monkeypatch.setattr(Grader, "grade", _ungraded)
    with pytest.raises(GraderError, match="no examiner today"):
        asyncio.run(task.share_of_points(Trace(ANSWER)))
    verifiers._grader.cache_clear()
