"""What docs/stability.md promises about commands and the Python API, as data to compare."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import grader
from grader import checks
from grader.cli.app import cli

FORMAT_PAGE = Path(__file__).parents[2] / "docs" / "exercise-format.md"


def commands() -> dict[str, list[str]]:
    """Each command that the help shows, with its options."""
    with click.Context(cli) as context:
        return {name: sorted(options) for name, options in _commands(cli, context, "grade")}


def _commands(
    command: click.Command, context: click.Context, name: str
) -> Iterator[tuple[str, list[str]]]:
    options = [word for each in command.params for word in each.opts if word.startswith("-")]
    yield name, options
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None and not found.hidden:
                yield from _commands(found, context, f"{name} {below}")


def signatures() -> dict[str, list[list[str]]]:
    """Each public function and method, with its parameters: name, kind, and any default."""
    found = {}
    for module in (grader, checks):
        for name in module.__all__:
            value = getattr(module, name)
            path = f"{module.__name__}.{name}"
            if inspect.isclass(value):
                found |= _methods(path, value)
            if callable(value):
                found[path] = _parameters(value)
    # Only the grader makes a `learner`, and its other methods are for the grader.
    page = FORMAT_PAGE.read_text()
    kept = {}
    for path, parameters in found.items():
        _, is_learner, method = path.partition("grader.checks.Learner")
        if not is_learner or (method and f"learner{method}(" in page):
            kept[path] = parameters
    return kept


def _methods(path: str, kind: type) -> dict[str, list[list[str]]]:
    public = [name for name in vars(kind) if not name.startswith("_")]
    methods = {name: getattr(kind, name) for name in public}
    return {
        f"{path}.{name}": _parameters(method)
        for name, method in methods.items()
        if inspect.isfunction(method)
    }


def _parameters(function: Any) -> list[list[str]]:
    described = []
    for each in inspect.signature(function).parameters.values():
        default = "" if each.default is inspect.Parameter.empty else "with a default"
        described.append([each.name, each.kind.name, default])
    return described
