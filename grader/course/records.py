"""An exercise as data: the frozen records that ``exercise.yaml`` is read into.

The types below define the format; ``docs/exercise-format.md`` documents it key by key.
"""

import ast
import re
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

import msgspec

FORMAT: Final = 1
LEARNER_METHODS: Final = ("run", "vjp", "must_raise")
"""Methods of the fixture ``learner``, which hide an entry of the same name."""
RETURN_TYPES: Final = ("Tensor", "int", "float", "str", "tuple", "list", "dict")
"""Types that an entry may declare; the grader then refuses a result of another type."""
ID: Final = r"[a-z][a-z0-9_]*"
"""What the id of an exercise, its folder's name, looks like."""
_ENTRY = re.compile(r"(?P<kind>class\s+)?(?P<name>\w+)\s*\(.*\)(?:\s*->\s*(?P<returns>\w+))?")
# JSON Schema needs ^ and $. In Python, $ alone would also match before a newline.
_NAME = rf"^{ID}$(?!\n)"
Text = Annotated[str, msgspec.Meta(min_length=1)]
Name = Annotated[str, msgspec.Meta(pattern=_NAME)]
FileName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$(?!\n)")]
Points = Annotated[int, msgspec.Meta(ge=1, le=1000)]
_COMMANDS: Final = (
    "batch completion demo doctor export help hint list new next report reset schema show"
    " solution start status stop stream verify watch"
)
COMMANDS: Final = frozenset(_COMMANDS.split())
"""Words after ``grade`` that are commands, so that no exercise can have these names."""
PATIENCE: Final = 5
"""Seconds by the clock for each second of CPU time: for code that waits, and busy machines."""
Seconds = Annotated[float, msgspec.Meta(gt=0, le=600)]


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record that refuses unknown keys."""


class Limits(Strict, frozen=True):
    """What one submission may use.

    Seconds are CPU time. By the clock, ``PATIENCE`` times as many may pass.
    """

    seconds: Seconds = 4.0
    """Time of the submission in one check; excludes its import and the check's own time."""
    load_seconds: Seconds = 10.0
    """Time of the submission's import, each time that its process starts."""
    total_seconds: Seconds = 20.0
    """Time of the submission in all checks together, including its import."""
    memory_mib: Annotated[int, msgspec.Meta(ge=16, le=65536)] = 1024
    """Memory on top of what PyTorch itself uses."""
    output_kib: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 64
    """Printed text that the grader keeps; it drops the rest."""


class Check(Strict, frozen=True):
    """One line of a rubric: ``test_<name>`` in ``checks.py`` decides it.

    Every record of a check's result contains this record whole.
    """

    name: Name = msgspec.field(name="check")
    title: Text
    """What is true when the check passes, as a sentence for the learner."""
    points: Points = 1
    visible: bool = True
    """Whether the learner sees the title and the failing case. The points count either way."""
    needs: tuple[Name, ...] = ()
    """Checks that must pass for this one to count."""
    side_effects: bool = False
    """Whether this check fails if a call, in any check, changes more than it should."""


SideEffect = Literal["mutates_input", "changes_state", "draws_random", "changes_result"]
"""What a call may do besides returning a value; see ``docs/exercise-format.md``."""


class Entry(Strict, frozen=True):
    """A function or class that a submission must define, parsed from its signature."""

    name: str
    parameters: list[str]
    returns: str | None
    """One of ``RETURN_TYPES``, or None where the signature names no type."""
    signature: str

    @classmethod
    def parse(cls, signature: str) -> "Entry":
        """Parse ``lookup(weight, idx) -> Tensor`` or ``class Tied(num, dim)``.

        Raises ``ValueError``, whose text completes a sentence: "`lookup` is not a signature".
        """
        signature = signature.strip()
        match = _ENTRY.fullmatch(signature)
        # Python's parser alone would accept several statements here.
        if match is None:
            raise ValueError("is not a signature")

        # As a function, a class signature parses too.
        call = signature.removeprefix(match["kind"] or "")
        try:
            function = ast.parse(f"def {call}: ...").body[0]
        except (SyntaxError, ValueError):
            raise ValueError("is not a Python signature") from None
        assert isinstance(function, ast.FunctionDef)
        if match["returns"] not in (None, *RETURN_TYPES):
            raise ValueError(f"returns none of {', '.join(RETURN_TYPES)}")

        arguments = function.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        return cls(match["name"], [each.arg for each in named], match["returns"], signature)


class Question(Strict, frozen=True, kw_only=True):
    """One question of a quiz; its key is the value of ``expression``."""

    name: Name
    ask: Text
    """The question, with ``{number}`` for each drawn number."""
    expression: Text
    """A PyTorch expression over ``torch``, ``nn``, ``F`` and the drawn numbers."""
    draw: dict[Name, tuple[int, int]] = {}
    """Name of each number to its range, with both ends; the drawn numbers all differ."""
    points: Points = 1
    to_try: Text | None = msgspec.field(default=None, name="try")
    """Lines that show the answer when run, in place of an ``expression`` that is hard to read."""

    @property
    def general(self) -> str:
        """The question as asked to nobody in particular, with the names of the drawn numbers."""
        text = self.ask
        for name in self.draw:
            text = text.replace(f"{{{name}}}", name)
        return text


class Definition(Strict, frozen=True, kw_only=True):
    """What every ``exercise.yaml`` defines."""

    format: Literal[1]
    title: Text
    statement: Text
    hints: tuple[Text, ...] = ()

    @property
    def checks(self) -> tuple[Check, ...]:
        """What a submission earns points for, in the order of the file."""
        raise NotImplementedError

    @property
    def max_points(self) -> int:
        """Points of all checks."""
        return sum(check.points for check in self.checks)


class CodeExercise(Definition, frozen=True, kw_only=True, tag_field="kind", tag="code"):
    """An exercise whose submission is Python."""

    runs_code: ClassVar = True
    suffixes: ClassVar = (".py", ".ipynb")
    """Endings of the files that can be a submission; a submission starts with the first."""
    content: ClassVar = "code"
    """What the learner writes, as a word for messages."""
    max_bytes: ClassVar = 1024 * 1024
    """Largest submission that is read."""
    questions: ClassVar[tuple[Question, ...]] = ()

    entry: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
    """Signatures: ``lookup(weight, idx) -> Tensor`` or ``class Embedding(num, dim)``."""
    rubric: Annotated[tuple[Check, ...], msgspec.Meta(min_length=1)]
    forbidden: tuple[Text, ...] = ()
    """Dotted names (``torch.nn.Embedding``) and dispatcher operators (``aten::embedding``)."""
    files: tuple[FileName, ...] = ()
    """Data beside ``exercise.yaml``, which the learner gets with the starter."""
    packages: tuple[Name, ...] = ()
    """Packages that submissions may import besides PyTorch and NumPy; they must be installed."""
    allow: tuple[SideEffect, ...] = ()
    """Side effects that belong to the task, so that no check fails because of them."""
    limits: Limits = Limits()
    subprocesses: bool = False
    """Whether a submission may start programs: ``DataLoader`` workers, ``torch.compile``."""

    @property
    def checks(self) -> tuple[Check, ...]:
        """The lines of the rubric."""
        return self.rubric

    @property
    def side_effects_check(self) -> Check | None:
        """The check that fails because of side effects; None if each check fails for its own."""
        for check in self.rubric:
            if check.side_effects:
                return check
        return None

    @property
    def entries(self) -> list[Entry]:
        """The signatures, parsed. Loading the exercise has checked that this works."""
        return [Entry.parse(signature) for signature in self.entry]


class QuizExercise(Definition, frozen=True, kw_only=True, tag_field="kind", tag="quiz"):
    """An exercise whose submission is an answer sheet, a YAML file."""

    runs_code: ClassVar = False
    suffixes: ClassVar = (".yaml", ".yml", ".ipynb")
    content: ClassVar = "answers"
    max_bytes: ClassVar = 64 * 1024
    entry: ClassVar[tuple[str, ...]] = ()
    entries: ClassVar[tuple[Entry, ...]] = ()
    forbidden: ClassVar[tuple[str, ...]] = ()
    files: ClassVar[tuple[str, ...]] = ()
    packages: ClassVar[tuple[str, ...]] = ()

    questions: Annotated[tuple[Question, ...], msgspec.Meta(min_length=1)]

    @property
    def checks(self) -> tuple[Check, ...]:
        """One check for each question."""
        return tuple(Check(each.name, each.general, each.points) for each in self.questions)


Spec = CodeExercise | QuizExercise


class WrongAnswer(Strict, frozen=True):
    """A misconception about a quiz question: its answer, and the explanation for the learner."""

    misconception: Name
    expression: Text
    because: Text


class Equivalent(Strict, frozen=True):
    """A mutant of the solution that no check can catch, with the reason."""

    was: Text
    """The line of ``solution.py`` before the change; white space does not count."""
    becomes: Text
    because: Text


class Section(Strict, frozen=True):
    """Some exercises of a course that belong together."""

    title: Text
    exercises: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    """Ids, in the order in which learners do them."""


class CourseOrder(Strict, frozen=True):
    """The content of ``exercises/course.yaml``."""

    format: Literal[1]
    sections: Annotated[tuple[Section, ...], msgspec.Meta(min_length=1)]


class Exercise(msgspec.Struct, frozen=True):
    """One exercise of a course: its id, its two folders, and its definition."""

    id: str
    root: str
    """The course's folder, absolute."""
    spec: Spec

    @property
    def code(self) -> CodeExercise:
        """The definition, for a caller that knows that the kind is code."""
        assert isinstance(self.spec, CodeExercise)
        return self.spec

    @property
    def public(self) -> Path:
        """The folder that learners see."""
        return Path(self.root, "exercises", self.id)

    @property
    def hidden(self) -> Path:
        """The folder on the solutions side, which learners never get."""
        return Path(self.root, "solutions", self.id)


def schema(kind: Any = Spec) -> dict[str, Any]:
    """JSON Schema of ``exercise.yaml`` or of another file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(kind)}
