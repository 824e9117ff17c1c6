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
        self.check = f"value{number}" if number > 1 else "value"
        self.is_class = entry.signature.startswith("class ")
        self.header = entry.signature.removeprefix("class ").strip()
        function = ast.parse(f"def {self.header}: ...").body[0]
        assert isinstance(function, ast.FunctionDef)
        self.names = entry.parameters
        # A class gets `self` before them.
        parameters = ast.unparse(function.args)
        self.constructor = f"self, {parameters}" if parameters else "self"

        self.values = _WITHOUT_ARGUMENT
        if self.is_class or self.names:
            first = "x" if self.is_class else self.names[0]
            doubled = f"{first} + {first}"
            self.values = _Values(f"2 * {first}", doubled, f"{first} * {first}")
        self.values = _OF_TYPE.get(entry.returns or "", self.values)
        is_tensor = entry.returns not in _OF_TYPE
        self.assertion = "assert_close" if is_tensor else "assert_equal"


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
    names = []
    if any("Tensor" in stub.signature for stub in stubs):
        names.append("Tensor")
    if any(stub.is_class for stub in stubs):
        names.append("nn")
    lines = [f"from torch import {', '.join(names)}"] if names else []
    if any("torch." in stub.values.solution for stub in stubs) and not for_starter:
        lines.insert(0, "import torch")
    if not lines:
        return ""
    return "\n".join(["", *lines, ""])
