"""An exercise as data: the frozen records that ``exercise.yaml`` is read into.

The format is documented key by key in ``docs/exercise-format.md``; the types below are its one definition.
"""

import ast
import re
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

import msgspec

FORMAT: Final = 1
LEARNER_METHODS: Final = ("run", "vjp", "must_raise")
"""What the fixture ``learner`` does itself: an entry of that name could not be called."""
RETURN_TYPES: Final = ("Tensor", "int", "float", "str", "tuple", "list", "dict")
ID: Final = r"[a-z][a-z0-9_]*"
_ENTRY = re.compile(r"(?P<kind>class\s+)?(?P<name>\w+)\s*\(.*\)(?:\s*->\s*(?P<returns>\w+))?")
_NAME = r"^[a-z][a-z0-9_]*$(?!\n)"  # in Python, $ alone would let a newline follow
Text = Annotated[str, msgspec.Meta(min_length=1)]
Name = Annotated[str, msgspec.Meta(pattern=_NAME)]
Points = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=600)]


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record that refuses keys it does not know."""


class Limits(Strict, frozen=True):
    """What one submission may use up."""

    seconds: Seconds = 4.0
    """What a submission may take in one check, loading included; the check's own time does not count."""
    total_seconds: Seconds = 20.0
    """What it may take in all checks together."""
    memory_mib: Annotated[int, msgspec.Meta(ge=16, le=65536)] = 1024
    """Memory on top of what PyTorch itself takes."""
    output_kib: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 64
    """Printed text that is kept; more is drained and dropped."""


class Check(Strict, frozen=True):
    """One line of a rubric: ``test_<name>`` in ``checks.py`` decides it.

    Every record of what came of a check contains this one whole.
    """

    name: Name = msgspec.field(name="check")
    title: Text
    """The sentence that the learner reads: what is true when the check passes."""
    points: Points = 1
    visible: bool = True
    """Whether the learner sees the title and the failing case. The points count either way."""


class Entry(Strict, frozen=True):
    """One name that a submission must define, as parsed from its signature."""

    name: str
    parameters: list[str]
    returns: str | None
    signature: str


class Question(Strict, frozen=True, kw_only=True):
    """One quiz question; its key is what ``expression`` evaluates to."""

    name: Name
    ask: Text
    """The question, with ``{number}`` for each drawn number."""
    expression: Text
    """A PyTorch expression over ``torch``, ``nn``, ``F`` and the drawn numbers."""
    draw: dict[Name, tuple[int, int]] = {}
    """Number name to its range, both ends included; drawn numbers all differ."""
    points: Points = 1
    to_try: Text | None = msgspec.field(default=None, name="try")
    """Lines that show the answer when they are run, in place of an ``expression`` that is hard to read."""


class CodeExercise(Strict, frozen=True, kw_only=True, tag_field="kind", tag="code"):
    """An exercise whose submission is Python."""

    runs_code: ClassVar = True
    suffixes: ClassVar = (".py", ".ipynb")
    """Endings of the files that can be a submission; a submission starts with the first."""
    content: ClassVar = "code"
    """What the learner writes, as a word for messages."""
    max_bytes: ClassVar = 1024 * 1024
    questions: ClassVar[tuple["Question", ...]] = ()

    format: Literal[1]
    title: Text
    statement: Text
    entry: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
    """Signatures: ``lookup(weight, idx) -> Tensor`` or ``class Embedding(num, dim)``."""
    rubric: Annotated[tuple[Check, ...], msgspec.Meta(min_length=1)]
    hints: tuple[Text, ...] = ()
    forbidden: tuple[Text, ...] = ()
    """Dotted names (``torch.nn.Embedding``) and dispatcher operators (``aten::embedding``)."""
    limits: Limits = Limits()
    subprocesses: bool = False
    """Whether a submission may start programs: ``DataLoader`` workers and ``torch.compile`` do."""

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks, in the order of the rubric."""
        return self.rubric

    @property
    def max_points(self) -> int:
        """Points of all checks."""
        return sum(check.points for check in self.checks)


class QuizExercise(Strict, frozen=True, kw_only=True, tag_field="kind", tag="quiz"):
    """An exercise whose submission is an answer sheet, a YAML file."""

    runs_code: ClassVar = False
    suffixes: ClassVar = (".yaml", ".yml", ".ipynb")
    content: ClassVar = "answers"
    max_bytes: ClassVar = 64 * 1024
    entry: ClassVar[tuple[str, ...]] = ()
    forbidden: ClassVar[tuple[str, ...]] = ()

    format: Literal[1]
    title: Text
    statement: Text
    questions: Annotated[tuple[Question, ...], msgspec.Meta(min_length=1)]
    hints: tuple[Text, ...] = ()

    @property
    def checks(self) -> tuple[Check, ...]:
        """One check for each question."""
        return tuple(Check(each.name, each.ask, each.points) for each in self.questions)

    @property
    def max_points(self) -> int:
        """Points of all questions."""
        return sum(check.points for check in self.checks)


Spec = CodeExercise | QuizExercise


class WrongAnswer(Strict, frozen=True):
    """A known wrong answer to a quiz question, with what to tell the learner."""

    misconception: Name
    expression: Text
    because: Text


class Equivalent(Strict, frozen=True):
    """A change of the solution that no check can notice, with the reason."""

    was: Text
    """The changed line of ``solution.py``, as it is; white space does not count."""
    becomes: Text
    because: Text


class Exercise(msgspec.Struct, frozen=True):
    """One exercise of a course: its id, its two folders and its definition."""

    id: str
    root: str
    """The course's folder, absolute."""
    spec: Spec

    @property
    def code(self) -> CodeExercise:
        """The definition of an exercise that is known to be of kind code."""
        assert isinstance(self.spec, CodeExercise)
        return self.spec

    @property
    def public(self) -> Path:
        """The folder a learner may see."""
        return Path(self.root, "exercises", self.id)

    @property
    def hidden(self) -> Path:
        """The folder a learner never gets."""
        return Path(self.root, "solutions", self.id)


def entries(spec: Spec) -> list[Entry]:
    """The entry signatures, parsed; they were found well-formed when the course was loaded."""
    return [parse_entry(signature) for signature in spec.entry]


def parse_entry(signature: str) -> Entry:
    """Parse ``lookup(weight, idx) -> Tensor`` or ``class Tied(nn.Module)``-like text; ``ValueError`` says why not."""
    match = _ENTRY.fullmatch(signature.strip())
    if match is None:
        raise ValueError("is not like `name(a, b=None) -> Tensor` or `class Name(a)`")
    called = signature.strip()[len(match["kind"] or "") :]
    try:
        function = ast.parse(f"def {called}: ...").body[0]
    except (SyntaxError, ValueError):
        raise ValueError("is not a Python signature; mend it") from None
    assert isinstance(function, ast.FunctionDef)
    if match["returns"] not in (None, *RETURN_TYPES):
        raise ValueError(
            f"returns what is none of {', '.join(RETURN_TYPES)}; use one of them, or none"
        )
    parameters = [
        argument.arg
        for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    ]
    return Entry(match["name"], parameters, match["returns"], signature.strip())


def schema() -> dict[str, Any]:
    """JSON Schema of ``exercise.yaml``, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Spec)}
