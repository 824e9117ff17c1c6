"""Grade PyTorch exercises. Learner code never shares a process with the checks.

This package is the Python API; everything else in it may change:

- ``Grader`` and ``AsyncGrader`` grade submissions with examiners that stay warm.
- ``grade_sources`` grades many texts once.
- ``grade_class`` grades a folder of submissions, as ``grade batch`` does.
- ``Grade`` is the grade of one submission. It contains a ``CheckResult`` for each check, and
  that contains the ``Check`` and its ``Outcome``.
- ``ClassResults`` is a graded class.
- ``GraderError`` is the base of every error that the grader raises.

In a notebook, ``%load_ext grader`` adds the magic ``%%grade``. Importing this package imports
neither torch nor any of the modules behind these names.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from grader.classroom.batch import grade_class, grade_sources
    from grader.course.records import Check
    from grader.errors import GraderError
    from grader.grades.class_results import ClassResults
    from grader.grades.grade import CheckResult, Grade, Outcome
    from grader.programs.warm import AsyncGrader, Grader

__version__ = "1.0.0"
__all__ = [
    "AsyncGrader",
    "Check",
    "CheckResult",
    "ClassResults",
    "Grade",
    "Grader",
    "GraderError",
    "Outcome",
    "__version__",
    "grade_class",
    "grade_sources",
]

# A learner process contains every module that it imports, so a name is imported on first use.
_MODULES: Final = {
    "AsyncGrader": "grader.programs.warm",
    "Check": "grader.course.records",
    "CheckResult": "grader.grades.grade",
    "ClassResults": "grader.grades.class_results",
    "Grade": "grader.grades.grade",
    "Grader": "grader.programs.warm",
    "GraderError": "grader.errors",
    "Outcome": "grader.grades.grade",
    "grade_class": "grader.classroom.batch",
    "grade_sources": "grader.classroom.batch",
    # IPython looks for these two when somebody types %load_ext grader.
    "load_ipython_extension": "grader.study.notebook",
    "unload_ipython_extension": "grader.study.notebook",
}


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'grader' has no attribute {name!r}")
    module = import_module(_MODULES[name])
    return getattr(module, name)
