"""Run the code of a submission cell by cell, and go on after a cell that fails.

A file is one cell, unless it is a notebook or was exported from one.
"""

import ast
import itertools
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from grader.sandbox import wire
from grader.sandbox.statements import NoShell, Statements
from grader.sandbox.time_limit import Budget

# One cell may take this part of the time that is left, so that no cell takes all of it.
_SHARE = 0.5
# What a file does after it has defined everything may take this part.
_SHARE_OF_FILE = 0.6
_DEFINITIONS = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Import,
    ast.ImportFrom,
)


class FailedCell(NamedTuple):
    """A cell that did not run to its end."""

    text: str
    reply: wire.Raised | wire.Forbidden
    """Why it failed. The exception itself would keep everything that its functions used."""


class Cells:
    """The code of a submission, and the module that it runs in."""

    def __init__(
        self,
        request: wire.Load,
        module: types.ModuleType,
        path: str,
        describe: Callable[[BaseException], wire.Raised | wire.Forbidden],
    ) -> None:
        self.failed: list[FailedCell] = []
        self.missing: dict[str, tuple[str, int]] = {}
        """Each package that is not available, and the file and line that first imports it."""
        self._request = request
        self._module = module
        self._describe = describe
        self._names = [entry.name for entry in request.entries]
        # The last callable under each name that the checks call.
        self._defined: dict[str, Any] = {}
        self._budget = Budget(request.load_seconds, request.load_clock_seconds)
        self._statements = Statements(
            module, path, self.missing, allow_await=bool(request.cells), skips=self._skips
        )

    def run(self) -> None:
        """Run every cell; ``failed`` lists those that failed."""
        if not self._request.cells:
            self._try("", self._request.source)
            return

        namespace = vars(self._module)
        # Notebooks use both without an import.
        namespace.update(display=_display, get_ipython=NoShell)
        for first, text in self.texts():
            # Empty lines before the cell keep the numbers of its lines.
            self._try(text, "\n" * (first - 1) + text)
            self._remember()

        # A later cell may use the name of a function for its result.
        namespace.update(self._defined)

    def is_complete(self) -> bool:
        """Whether everything is defined that the checks call."""
        return not self._missing_names()

    def _missing_names(self) -> list[str]:
        namespace = vars(self._module)
        return [name for name in self._names if not callable(namespace.get(name))]

    def cause(self) -> FailedCell | None:
        """Return the failed cell that should have defined what is missing, if there is one."""
        if len(self._request.cells) < 2:
            return self.failed[0] if self.failed else None
        missing = self._missing_names()
        for failed in self.failed:
            if any(_defines(failed.text, name) for name in missing):
                return failed
        return None

    def texts(self) -> Iterator[tuple[int, str]]:
        """Yield the first line of each cell, and its text."""
        text = self._request.source.decode("utf-8", "replace")
        lines = text.split("\n")
        starts = self._request.cells or [1]
        after_last = len(lines) + 1
        for start, end in itertools.pairwise([*starts, after_last]):
            # The lines count from 1.
            cell = lines[start - 1 : end - 1]
            yield start, "\n".join(cell)

    def _try(self, text: str, source: str | bytes) -> None:
        try:
            if self._request.cells:
                with self._budget.limit(_SHARE):
                    self._run(source)
            else:
                self._run_file(source)
        except BaseException as error:
            self.failed.append(FailedCell(text, self._describe(error)))

    def _run_file(self, source: str | bytes) -> None:
        running = self._statements.run(source)
        for _ in running:
            # The definitions have all the time. What follows them is less important.
            if self.is_complete():
                break
        else:
            return

        with self._budget.limit(_SHARE_OF_FILE):
            for _ in running:
                pass

    def _run(self, source: str | bytes) -> None:
        for _ in self._statements.run(source):
            pass

    def _skips(self, statement: ast.stmt) -> bool:
        """Whether a second attempt leaves out a statement, because the first one crashed."""
        if not self._request.definitions_only or isinstance(statement, _DEFINITIONS):
            return False
        return self.is_complete()

    def _remember(self) -> None:
        for name in self._names:
            value = vars(self._module).get(name)
            if callable(value):
                self._defined[name] = value


def _defines(text: str, name: str) -> bool:
    """Whether the text of a cell looks as if it defined ``name``; it may not even parse."""
    definitions = (f"def {name}", f"class {name}", f"{name} =", f"import {name}")
    return any(definition in text for definition in definitions)


def _display(*objects: object, **_: object) -> None:
    for each in objects:
        sys.stdout.write(f"{each!r}\n")
