"""The files of a new exercise for given signatures, with a mark at all that is left to write."""

import ast
from collections.abc import Sequence
from typing import Final, NamedTuple

import jinja2

from grader.course.records import Entry

_TEMPLATES: Final = {
    "exercises/{id}/exercise.yaml": "exercise.yaml.jinja",
    "exercises/{id}/starter.py": "starter.py.jinja",
    "solutions/{id}/solution.py": "solution.py.jinja",
    "solutions/{id}/checks.py": "checks.py.jinja",
    "solutions/{id}/wrong/another_value.py": "wrong.py.jinja",
}


class _Values(NamedTuple):
    """What a stub returns, what its check expects, and what its misconception returns."""

    solution: str
    expected: str
    wrong: str


_OF_TYPE: Final = {
    "int": _Values("12", "12", "13"),
    "float": _Values("12.5", "12.5", "13.5"),
    "str": _Values('"text"', '"text"', '"other"'),
    "tuple": _Values("(12, 13)", "(12, 13)", "(13, 12)"),
    "list": _Values("[12, 13]", "[12, 13]", "[13, 12]"),
    "dict": _Values('{"a": 12}', '{"a": 12}', '{"a": 13}'),
}
_WITHOUT_ARGUMENT: Final = _Values(
    "torch.tensor([12, 13])", "torch.tensor([12, 13])", "torch.tensor([13, 12])"
)


class _Stub:
    """What the templates need to know about one entry."""

    def __init__(self, entry: Entry, number: int) -> None:
        self.signature = entry.signature
        self.name = entry.name
        self.check = "value"
        if number > 1:
            self.check = f"value{number}"

        self.is_class = entry.signature.startswith("class ")
        self.names = entry.parameters
        # Sizes make a module, and tensors are given to a function.
        parameters = _typed_parameters(entry, "int" if self.is_class else "Tensor")
        self.header = f"{entry.name}({', '.join(parameters)}) -> {entry.returns or 'Tensor'}"
        # A class gets `self` before its parameters.
        self.constructor = ", ".join(["self", *parameters])
        # The method `forward` of a class has tensors, too.
        self.uses_tensors = self.is_class or "Tensor" in self.header

        self.assertion = "assert_close"
        if entry.returns in _OF_TYPE:
            self.assertion = "assert_equal"
            self.values = _OF_TYPE[entry.returns]
        elif self.is_class:
            self.values = _values_from("x")
        elif self.names:
            self.values = _values_from(self.names[0])
        else:
            self.values = _WITHOUT_ARGUMENT


def _typed_parameters(entry: Entry, otherwise: str) -> list[str]:
    """Each parameter with its type: as written, else that of its default, else ``otherwise``."""
    source = f"def {entry.signature.removeprefix('class ').strip()}: ..."
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    arguments = [*function.args.posonlyargs, *function.args.args]
    defaults: list[ast.expr | None] = [None] * len(arguments)
    # Only the last parameters have defaults.
    defaults = [*defaults, *function.args.defaults][-len(arguments) :]

    parameters = []
    for argument, default in zip(arguments, defaults, strict=True):
        kind = _type_of(default, otherwise)
        if argument.annotation is not None:
            kind = ast.unparse(argument.annotation)

        parameter = f"{argument.arg}: {kind}"
        if default is not None:
            parameter += f" = {ast.get_source_segment(source, default)}"

        parameters.append(parameter)

    return parameters


def _type_of(default: ast.expr | None, otherwise: str) -> str:
    if default is None:
        return otherwise

    try:
        value = ast.literal_eval(default)
    except ValueError:
        # A name such as `torch.float32`.
        return otherwise

    if value is None:
        return f"{otherwise} | None"

    return type(value).__name__


def _values_from(argument: str) -> _Values:
    """Values that are computed from an argument that is a tensor."""
    return _Values(
        f"2 * {argument}",
        f"{argument} + {argument}",
        f"{argument} * {argument}",
    )


def entry_files(entries: Sequence[Entry]) -> dict[str, str]:
    """The template of each file's path to its text, for an exercise with these entries.

    The exercise runs: the solution passes a check for each entry, and the misconception fails it.
    """
    stubs = [_Stub(entry, number) for number, entry in enumerate(entries, 1)]
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("grader.course"),
        autoescape=False,  # noqa: S701 - no HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # A name that is missing must not become an empty text in somebody's exercise.
        undefined=jinja2.StrictUndefined,
    )
    assertions = sorted({stub.assertion for stub in stubs})
    texts = {}
    for path, name in _TEMPLATES.items():
        template = environment.get_template(name)
        imports = _imports(stubs, for_starter="starter" in name)
        texts[path] = template.render(stubs=stubs, assertions=assertions, imports=imports)

    return texts


def _imports(stubs: Sequence[_Stub], *, for_starter: bool) -> str:
    """The import lines that the stubs need, with an empty line before them."""
    lines = [""]
    # A default can be an expression such as `torch.float32`.
    used = [stub.constructor for stub in stubs]
    # The starter computes nothing.
    if not for_starter:
        used += [stub.values.solution for stub in stubs]
    if any("torch." in code for code in used):
        lines.append("import torch")

    names = []
    if any(stub.uses_tensors for stub in stubs):
        names.append("Tensor")
    if any(stub.is_class for stub in stubs):
        names.append("nn")
    if names:
        lines.append(f"from torch import {', '.join(names)}")

    if len(lines) == 1:
        return ""

    return "\n".join([*lines, ""])
