"""Names the limits of a shell (``ulimit``) under which an examiner cannot work."""

from typing import Final, NamedTuple

from grader.errors import ExaminerError
from grader.system import SYSTEM


class Limit(NamedTuple):
    """A limit of a process, and how much of it an examiner needs."""

    name: str
    option: str
    what: str
    needed: int
    unit: int = 1


OPEN_FILES: Final = Limit("NOFILE", "-n", "{} open files", 64)
# These are only named after a failure, because what is needed differs between machines.
_AFTER_FAILURE: Final = (
    Limit("AS", "-v", "{} MiB of virtual memory", 8 << 30, 1 << 20),
    Limit("DATA", "-d", "{} MiB of data", 4 << 30, 1 << 20),
    Limit("CPU", "-t", "{} s of CPU time", 60),
    Limit("NPROC", "-u", "{} processes", 16),
)


def require_open_files() -> None:
    """Raise ``ExaminerError`` if this process may open too few files."""
    if said := _said(OPEN_FILES):
        raise ExaminerError(
            f"this shell allows at most {said}, and an examiner needs {OPEN_FILES.needed}",
            advice=_advice(OPEN_FILES),
        )


def reason_and_advice() -> tuple[str, str] | None:
    """Return which limit can have ended an examiner, and what to do; None if none can."""
    for limit in _AFTER_FAILURE:
        if said := _said(limit):
            return f"this shell allows at most {said}", _advice(limit)
    return None


def _said(limit: Limit) -> str:
    """The limit in words if it is lower than needed; otherwise nothing."""
    soft = SYSTEM.limit(limit.name)
    # No limit, or one that is high enough.
    if soft is None or soft >= limit.needed:
        return ""
    return limit.what.format(soft // limit.unit)


def _advice(limit: Limit) -> str:
    return f"raise the limit with `ulimit {limit.option}`, or use another shell"
