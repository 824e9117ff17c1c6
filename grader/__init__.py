"""Grade PyTorch exercises: learner code never shares a process with the checks.

From a program: ``grade_sources`` for texts that it holds, ``grade_class`` for a
folder of submissions. In a notebook: ``%load_ext grader``. Importing this package
imports none of them, and never torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from grader.classroom.batch import grade_class, grade_sources
    from grader.errors import GraderError
    from grader.grades.class_results import ClassResults
    from grader.grades.grade import CheckResult, Grade, Outcome

__version__ = "0.1.0"
__all__ = [
    "Check",
    "CheckResult",
    "ClassResults",
    "Grade",
    "GraderError",
    "Outcome",
    "__version__",
    "grade_class",
    "grade_sources",
]

# A learner process has every imported module in its memory, so a name is imported only when it is
# used.
_HOMES: Final = {
    "grade_class": "grader.classroom.batch",
    "grade_sources": "grader.classroom.batch",
    "GraderError": "grader.errors",
    **dict.fromkeys(
        ("load_ipython_extension", "unload_ipython_extension"), "grader.study.notebook"
    ),
    **dict.fromkeys(("CheckResult", "Grade", "Outcome"), "grader.grades.grade"),
    "Check": "grader.course.records",
    "ClassResults": "grader.grades.class_results",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'grader' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
