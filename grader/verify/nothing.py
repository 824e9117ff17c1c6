"""Code that computes nothing: the solution, with other results in place of its own.

Such code has the right signature, shapes and errors, so it earns what checks give away.
"""

from typing import Final

from grader.course.loading import text_of
from grader.course.records import Entry, Exercise

MOST_POINTS: Final = 0.1
"""The largest part of an exercise's points that such code may earn."""
_REPLACEMENTS: Final = {
    "zeros": "_torch.zeros_like(tensor)",
    "zeros with a gradient": "tensor * 0",
    "ones": "_torch.ones_like(tensor)",
    "the number 3": "_torch.full_like(tensor, 3)",
    "random numbers": "_torch.rand(tensor.shape).to(tensor)",
    "its own first row, repeated": "tensor[:1].expand_as(tensor) if tensor.dim() else tensor * 0",
    "the last argument plus zeros": "tensor * 0 + _fitting(tensor, arguments[::-1])",
    "the first argument": "_fitting(tensor, arguments)",
    "None": "None",
}
"""What is returned in place of a tensor, by its name."""
_HEAD: Final = '''

import torch as _torch


def _fitting(tensor, arguments):
    """Return the first argument, or a row of it, that fits the shape of the result."""
    for argument in arguments:
        if isinstance(argument, _torch.Tensor):
            for part in (argument, argument[:1].reshape(argument.shape[1:])):
                try:
                    return part.expand_as(tensor).to(tensor.dtype)
                except (RuntimeError, IndexError):
                    continue
    return _torch.zeros_like(tensor)


def _replaced(result, arguments):
    """Return the result with other numbers."""
    if isinstance(result, _torch.Tensor):
        tensor = result
        return REPLACEMENT
    if isinstance(result, (tuple, list)):
        return type(result)(_replaced(item, arguments) for item in result)
    if isinstance(result, dict):
        return {key: _replaced(item, arguments) for key, item in result.items()}
    return type(result)(0)
'''
_FUNCTION: Final = """

_NAME = NAME


def NAME(*arguments, **keywords):
    return _replaced(_NAME(*arguments, **keywords), [*arguments, *keywords.values()])
"""
_CLASS: Final = """

class NAME(NAME):
    def forward(self, *arguments):
        return _replaced(super().forward(*arguments), arguments)
"""


def empty_submissions(exercise: Exercise) -> dict[str, str]:
    """What the code returns to its source, for an exercise of kind code."""
    solution = text_of(exercise, exercise.hidden / "solution.py")
    entries = "".join(map(_wrapper, exercise.code.entries))
    return {
        name: solution + _HEAD.replace("REPLACEMENT", replacement) + entries
        for name, replacement in _REPLACEMENTS.items()
    }


def _wrapper(entry: Entry) -> str:
    is_class = entry.signature.startswith("class ")
    return (_CLASS if is_class else _FUNCTION).replace("NAME", entry.name)
