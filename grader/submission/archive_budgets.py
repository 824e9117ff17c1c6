"""Whose each archive in the folder of a class is: all archives of a learner share their limits."""

from collections.abc import Callable, Hashable

from grader.submission import archives
from grader.submission.layouts import Layout


class ArchiveBudgets:
    """The budget of each archive in a class.

    ``recognized`` finds the layout of the class without its learners' archives. It is asked once,
    when the first archive is found.
    """

    def __init__(self, recognized: Callable[[], Layout]) -> None:
        self._recognized = recognized
        self._layout: Layout | None = None
        self._budgets: dict[Hashable, archives.Budget] = {}

    def of(self, path: str) -> archives.Budget:
        """The budget of the archive at ``path``."""
        if self._layout is None:
            self._layout = self._recognized()

        owner = _owner(self._layout, _outermost(path, self._layout.prefix))
        if owner not in self._budgets:
            self._budgets[owner] = archives.Budget(self._limits())

        return self._budgets[owner]

    def _limits(self) -> archives.Limits:
        """The limits of one more learner."""
        # One learner alone can pretend to be a class.
        if self._layout is None or not any(
            map(archives.is_archive, self._layout.prefix.split("/"))
        ):
            return archives.LEARNER

        # An archive in a folder of its own is that of a class, or of a learner who imitates one.
        used = sum(each.limits.total_bytes - each.bytes for each in self._budgets.values())
        left = max(0, archives.CLASS.total_bytes - used)
        return archives.LEARNER._replace(total_bytes=min(left, archives.LEARNER.total_bytes))


def _outermost(path: str, prefix: str) -> str:
    """The archive around ``path`` that is in no other, except one around the whole class."""
    if not path.startswith(prefix):
        prefix = ""

    outer = prefix
    for name in path.removeprefix(prefix).split("/"):
        outer += name
        if archives.is_archive(name):
            break

        outer += "/"

    return outer


def _owner(layout: Layout, archive: str) -> Hashable:
    """Whose archive it is, and in which attempt."""
    # In a folder per learner, an archive can stand for the folder.
    match = layout.match(archive) or layout.match(f"{archive}/-")
    if match is None:
        return archive

    groups = match.groupdict()
    owner = [archives.stem(groups.get("learner") or ""), groups.get(layout.key)]
    # A system makes the attempts, and the last one must not pay for the ones before. What a
    # pattern takes for an attempt can be part of a name that the learner chose.
    if not layout.pattern:
        owner += [text for group, text in groups.items() if group.startswith("attempt")]

    return tuple(owner)
