"""An exercise as data: the frozen records that ``exercise.yaml`` is read into.

The types below define the format; ``docs/exercise-format.md`` documents it key by key.
"""

import ast
import re
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

import msgspec

FORMAT: Final = 1
LEARNER_METHODS: Final = ("run", "vjp", "id_dtypes", "must_raise")
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
# As parameters and packages have it, also `W` and `PIL`.
Identifier = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$(?!\n)")]
FileName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$(?!\n)")]
Points = Annotated[int, msgspec.Meta(ge=1, le=1000)]
PATIENCE: Final = 5
"""Seconds by the clock for each second of CPU time: for code that waits, and busy machines."""
Seconds = Annotated[float, msgspec.Meta(gt=0, le=600)]


def says(description: str, *examples: Any, **limits: Any) -> msgspec.Meta:
    """What editors show about a key: its meaning, and examples of its value."""
    return msgspec.Meta(description=description, examples=list(examples), **limits)


_Format = Annotated[Literal[1], says("Version of this format.", FORMAT)]


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record that refuses unknown keys."""


class Limits(Strict, frozen=True):
    """What one submission may use.

    Seconds are CPU time. By the clock, ``PATIENCE`` times as many may pass.
    """

    seconds: Annotated[
        Seconds,
        says("CPU time of the submission in one check, without its import and the check's.", 4.0),
    ] = 4.0
    load_seconds: Annotated[
        Seconds, says("CPU time of the submission's import, each time its process starts.", 10.0)
    ] = 10.0
    total_seconds: Annotated[
        Seconds, says("CPU time of the submission in all checks, including its import.", 20.0)
    ] = 20.0
    memory_mib: Annotated[
        int, says("Memory on top of what PyTorch itself uses, in MiB.", 1024, ge=16, le=65536)
    ] = 1024
    output_kib: Annotated[
        int, says("Printed text that the grader keeps, in KiB.", 64, ge=1, le=1024)
    ] = 64


class Check(Strict, frozen=True):
    """One line of a rubric: ``test_<name>`` in ``checks.py`` decides it.

    Every record of a check's result contains this record whole.
    """

    name: Annotated[Name, says("`test_NAME` in checks.py decides this check.", "value")] = (
        msgspec.field(name="check")
    )
    title: Annotated[
        Text, says("What is true when the check passes, as a sentence.", "Every number doubles")
    ]
    points: Annotated[Points, says("Points of this check.", 2)] = 1
    visible: Annotated[
        bool, says("Whether the learner sees the title and the failing case.", False)
    ] = True
    needs: Annotated[
        tuple[Name, ...], says("Checks that must pass for this one to count.", ["value"])
    ] = ()
    side_effects: Annotated[
        bool, says("Whether side effects of any call, in any check, fail this check.", True)
    ] = False


class Plot(Strict, frozen=True):
    """A table whose rows are drawn as points, for exercises about directions and distances."""

    rows: Annotated[Identifier, says("Argument whose rows are the points.", "weight")]
    marked: Annotated[
        Identifier | None, says("Argument with the numbers of the rows to mark.", "ids")
    ] = None


# Like `SideEffectKind` of grader.sandbox.wire, which `grade list` does not need otherwise.
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

    name: Annotated[Name, says("Name of the question on the answer sheet.", "shape")]
    ask: Annotated[
        Text,
        says(
            "The question, with {n} for each drawn number.",
            "What is the shape of `torch.zeros({rows}, {columns}).T`?",
        ),
    ]
    expression: Annotated[
        Text,
        says(
            "A PyTorch expression over torch, nn and F; its value is the key.",
            "torch.zeros({rows}, {columns}).T.shape",
        ),
    ]
    draw: Annotated[
        dict[Name, tuple[int, int]],
        says("Each number with its lowest and highest value.", {"rows": [2, 9], "columns": [2, 9]}),
    ] = {}
    points: Annotated[Points, says("Points of this question.", 2)] = 1
    to_try: Annotated[
        Text | None,
        says(
            "Python lines that show the answer, if `expression` is hard to read.",
            "x = torch.zeros({rows}, {columns})\nx.T.shape",
        ),
    ] = msgspec.field(default=None, name="try")

    @property
    def general(self) -> str:
        """The question as asked to nobody in particular, with the names of the drawn numbers."""
        text = self.ask
        for name in self.draw:
            text = text.replace(f"{{{name}}}", name)

        return text


class Definition(Strict, frozen=True, kw_only=True):
    """What every ``exercise.yaml`` defines."""

    format: _Format
    title: Annotated[Text, says("The topic in a few words.", "Twice as much")]
    statement: Annotated[
        Text,
        says("What to write, in Markdown for the learner.", "Write `double(x)`.\n"),
    ]
    hints: Annotated[
        tuple[Text, ...],
        says("Hints, from a nudge to nearly the code.", ["Add up two tensors."]),
    ] = ()

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

    entry: Annotated[
        tuple[Text, ...],
        says(
            "Signatures that a submission must define.",
            ["double(x) -> Tensor", "class Doubled(factor)"],
            min_length=1,
        ),
    ]
    rubric: Annotated[
        tuple[Check, ...],
        says(
            "The checks, in the order in which they run.",
            [{"check": "value", "title": "Every number doubles", "points": 2}],
            min_length=1,
        ),
    ]
    forbidden: Annotated[
        tuple[Text, ...],
        says(
            "Names of torch and operators that a submission must not use.",
            ["torch.add", "aten::add"],
        ),
    ] = ()
    files: Annotated[
        tuple[FileName, ...],
        says("Data beside exercise.yaml, which learners get with the starter.", ["data.csv"]),
    ] = ()
    plot: Annotated[
        Plot | None,
        says("A table to draw on a page in a notebook.", {"rows": "weight", "marked": "ids"}),
    ] = None
    packages: Annotated[
        tuple[Identifier, ...],
        says("Packages that submissions may import besides PyTorch and NumPy.", ["tqdm"]),
    ] = ()
    allow: Annotated[
        tuple[SideEffect, ...],
        says("Side effects that belong to the task.", ["mutates_input"]),
    ] = ()
    limits: Annotated[
        Limits, says("What one submission may use.", {"seconds": 10, "memory_mib": 2048})
    ] = Limits()
    subprocesses: Annotated[
        bool, says("Whether a submission may start programs, as torch.compile does.", True)
    ] = False

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
    plot: ClassVar[Plot | None] = None

    questions: Annotated[
        tuple[Question, ...],
        says(
            "The questions, in their order.",
            [{"name": "shape", "ask": "Which shape?", "expression": "torch.ones(2).shape"}],
            min_length=1,
        ),
    ]

    @property
    def checks(self) -> tuple[Check, ...]:
        """One check for each question."""
        return tuple(Check(each.name, each.general, each.points) for each in self.questions)


Spec = CodeExercise | QuizExercise


class WrongAnswer(Strict, frozen=True):
    """A misconception about a quiz question: its answer, and the explanation for the learner."""

    misconception: Annotated[Name, says("Name of the misconception.", "not_transposed")]
    expression: Annotated[
        Text,
        says("The answer of a learner who has it.", "({rows}, {columns})", "KeyError"),
    ]
    because: Annotated[Text, says("The explanation for the learner.", "That is the shape before.")]


class Equivalent(Strict, frozen=True):
    """A mutant of the solution that no check can catch, with the reason."""

    was: Annotated[
        Text, says("The line of solution.py before the change.", "return x.sum() / x.numel()")
    ]
    becomes: Annotated[Text, says("The line of the mutant.", "return x.mean()")]
    because: Annotated[
        Text, says("Why no input tells them apart.", "The mean is defined as this quotient.")
    ]


class Section(Strict, frozen=True):
    """Some exercises of a course that belong together."""

    title: Annotated[Text, says("Title of the section.", "Basics")]
    exercises: Annotated[
        tuple[str, ...],
        says("Ids, in the order in which learners do them.", ["double"], min_length=1),
    ]


class CourseOrder(Strict, frozen=True):
    """The content of ``exercises/course.yaml``."""

    format: _Format
    sections: Annotated[
        tuple[Section, ...],
        says(
            "The sections of the course, in their order.",
            [{"title": "Basics", "exercises": ["double"]}],
            min_length=1,
        ),
    ]


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

    def place(self, path: Path) -> str:
        """A file of the course as messages name it: ``solutions/exercise1/checks.py``."""
        return path.relative_to(self.root).as_posix()


FILES: Final[dict[str, Any]] = {
    "exercise": Spec,
    "course": CourseOrder,
    "wrong": dict[str, list[WrongAnswer]],
    "equivalent": list[Equivalent],
}
"""Name of each YAML file of a course, without its ending, to what it contains."""


def schema(kind: Any = Spec) -> dict[str, Any]:
    """JSON Schema of ``exercise.yaml`` or of another file, for editors."""
    described = msgspec.json.schema(kind)
    for definition in described["$defs"].values():
        # Python before 3.13 keeps the indentation of docstrings.
        docstring = definition.get("description", "")
        definition["description"] = re.sub(r"^ {4}", "", docstring, flags=re.MULTILINE)

    if kind is Spec:
        # Without `anyOf`, an editor reports the key that is wrong, and not the whole file.
        described = {
            "type": "object",
            "required": ["kind"],
            "if": {"properties": {"kind": {"const": "quiz"}}},
            "then": {"$ref": "#/$defs/QuizExercise"},
            "else": {"$ref": "#/$defs/CodeExercise"},
            "$defs": described["$defs"],
        }
        for definition in (CodeExercise, QuizExercise):
            described["$defs"][definition.__name__]["properties"]["kind"] |= {
                "description": "What a submission is: Python code, or an answer sheet.",
                "examples": [definition.__struct_config__.tag],
            }

    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **described}
