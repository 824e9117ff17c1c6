"""What the files say that learning platforms put beside the submissions of a download.

The files come from strangers, so each is read up to a limit, and a broken one is as good as none.
"""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from grader.course import yaml_reader
from grader.errors import CourseError
from grader.files import read_regular
from grader.grades.learner import Learner
from grader.grades.notice import Notice, NoticeKind
from grader.submission.layouts import learner_name
from grader.text import printable

GRADESCOPE_LIST: Final = "submission_metadata.yml"
SUBMITTY_SETTINGS: Final = "user_assignment_settings.json"
_MAX_LIST: Final = 16 * 2**20
_MAX_SETTINGS: Final = 1 << 20
_MAX_LOGIN_BYTES: Final = 1 << 16
# Blackboard writes the name and the login into a file: Name: Ann Poe (ann_poe)
_BLACKBOARD_LOGIN: Final = re.compile(rb"[^\n]*\(([\w.@-]+)\)[ \t\r]*(?:\n|\Z)", re.ASCII)


class GradescopeList(msgspec.Struct, frozen=True):
    """What the list in Gradescope's export says about each submission, by its number."""

    people: dict[str, list[Learner]] = {}
    """The people who share the submission; empty if none of them has a name."""
    created: dict[str, str] = {}
    """The time of the submission, as Gradescope writes it."""
    notice: Notice | None = None
    """Why the list cannot be read."""


def blackboard_login(path: Path) -> str:
    """The login in Blackboard's own file about a submission; empty if there is none."""
    with contextlib.suppress(OSError):
        found = _BLACKBOARD_LOGIN.match(read_regular(path, _MAX_LOGIN_BYTES))
        if found is not None:
            return found[1].decode()

    return ""


def active_version(path: Path) -> int | None:
    """The version that a file of Submitty's settings names; None if it names none."""
    try:
        settings = msgspec.json.decode(read_regular(path, _MAX_SETTINGS), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None

    version = settings.get("active_version")
    if not isinstance(version, int):
        return None

    return version


def gradescope_list(folder: Path) -> GradescopeList:
    """Read the list in the folder of Gradescope's export."""
    path = folder / GRADESCOPE_LIST
    try:
        # A stranger can have made the folder: a link can lead to any file.
        content = read_regular(path, _MAX_LIST)
        if len(content) > _MAX_LIST:
            raise CourseError(f"{GRADESCOPE_LIST}: larger than {_MAX_LIST >> 20} MiB")

        listed = yaml_reader.load(content, GRADESCOPE_LIST, typed=False)
    except (OSError, CourseError, UnicodeDecodeError) as error:
        problem = f"no names can be read from it ({error})"
        advice = "learners go by their number"
        notice = Notice(GRADESCOPE_LIST, NoticeKind.NOT_A_SUBMISSION, problem, advice)
        return GradescopeList(notice=notice)

    if not isinstance(listed, dict):
        return GradescopeList()

    people = {}
    created = {}
    for name, about in listed.items():
        if isinstance(about, dict):
            number = str(name).removeprefix("submission_")
            people[number] = list(_submitters(about.get(":submitters")))
            created[number] = str(about.get(":created_at") or "")

    return GradescopeList(people, created)


def _submitters(people: Any) -> Iterator[Learner]:
    """The people on Gradescope's list who have a name."""
    if not isinstance(people, list):
        return

    for person in people:
        if not isinstance(person, dict):
            continue

        names = []
        # The email address comes first: it becomes the name, because it is unique.
        for key in (":email", ":name", ":sid"):
            name = person.get(key)
            if name and isinstance(name, str):
                names.append(name)

        if names:
            keys = [printable(name) for name in names]
            yield Learner(learner_name(names[0]), keys)
