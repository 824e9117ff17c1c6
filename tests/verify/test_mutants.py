"""Mutants: what is changed in a solution, and what is left alone."""

import ast

import pytest

from grader.course.loading import load_exercise
from grader.course.location import default_root, exercise_ids
from grader.verify.mutants import mutants

SOLUTIONS = [
    exercise.hidden / "solution.py"
    for exercise in (
        load_exercise(default_root(), exercise_id) for exercise_id in exercise_ids(default_root())
    )
    if exercise.spec.runs_code
]


def becomes(
    line: str,
    *,
    signature: str = "weight: Tensor, idx: Tensor, num: int, dim: int",
    returns: str = "int",
):
    """What the last line of a function can become."""
    body = line.replace("\n", "\n    ")
    return {mutant.becomes for mutant in mutants(f"def f({signature}) -> {returns}:\n    {body}\n")}


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("return weight.T", "return weight"),
        ("return weight[num, dim]", "return weight[dim, num]"),
        ("return weight[idx]", "return weight[:, idx]"),
        ("return weight[idx]", "return weight[idx - 1]"),
        ("return weight[idx]", "return weight[idx + 1]"),
        ("return weight[idx]", "return weight"),
        ("return weight[idx]", "return weight.detach()[idx]"),
        ("return weight.shape[1]", "return weight.shape[0]"),
        ("return weight.sum(dim=-1)", "return weight.sum(dim=0)"),
        ("return weight.sum(dim=-1)", "return weight.sum()"),
        ("return weight.sum(dim=-1)", "return weight.mean(dim=-1)"),
        ("return torch.zeros(num, dim)", "return torch.zeros(dim, num)"),
        ("return torch.zeros(num, dim)", "return torch.ones(num, dim)"),
        ("return torch.zeros(num, dim)", "return torch.zeros(dim, dim)"),
        ("return weight + num", "return weight"),
        ("return weight + num", "return weight - num"),
        ("return weight + num", "return weight.add_(num)"),
        ("return weight + num", "return weight.detach() + num"),
        ("return weight - num * dim", "return num * dim - weight"),
        ("return (weight - num) * dim", "return (weight + num) * dim"),
        ("return weight @ idx", "return idx @ weight"),
        ("return weight.clone()", "return weight"),
        ("return weight.to(idx.dtype)", "return weight"),
        ("return weight.to(torch.float32)", "return weight.to(torch.float64)"),
        ("return weight.unsqueeze(0)", "return weight.unsqueeze_(0)"),
        ("return nn.Parameter(weight)", "return weight"),
        ("return weight if num < 2 else idx", "return weight if num <= 2 else idx"),
        ("return weight if num < 2 else idx", "return weight"),
        ("return not num", "return num"),
        ("return num and dim", "return num or dim"),
        ("return -dim", "return dim"),
        ("return weight[1:]", "return weight[:]"),
        ("return torch.sum(weight)", "return torch.mean(weight)"),
        ("weight[0] = 0", "pass"),
        ("weight += num", "weight = num"),
        ("weight += num", "pass"),
        ("weight = weight - num", "weight -= num"),
        ("raise IndexError(num)", "pass"),
        ("if num == 2:\n    return idx", "if True:"),
        ("with torch.no_grad():\n    return idx", "with torch.enable_grad():"),
        ("return f(weight, accumulate=True)", "return f(weight, accumulate=False)"),
    ],
    ids=lambda value: value.replace("\n", " "),
)
def test_change(line, changed):
    """This line can become that one."""
    assert changed in becomes(line)


@pytest.mark.parametrize("method", ["detach", "float"])
def test_returned_tensor(method):
    """A returned tensor is detached and converted, and no other value is."""
    assert f"return weight[0].{method}()" in becomes("return weight[0]", returns="Tensor")
    assert f"return weight[0].{method}()" not in becomes("return weight[0]", returns="int")


def test_each_part_of_a_returned_tuple():
    """Of several tensors that are returned, each one is detached by itself."""
    found = becomes("return weight, idx", returns="tuple[Tensor, Tensor]")
    assert {
        "return (weight.detach(), idx)",
        "return (weight, idx.detach())",
        "return idx, weight",
    } <= found


def test_what_is_left_alone():
    """Docstrings, annotations, imports, messages and main blocks give no mutants."""
    source = '''"""Text 1."""
import torch


def f(x: "Tensor | int", y: int | None = None) -> "tuple[1, 2]":
    """Text 2."""
    raise IndexError("3", 4)


if __name__ == "__main__":
    f(1)
'''
    assert [mutant.becomes for mutant in mutants(source)] == ["pass"]


@pytest.mark.parametrize(
    ("line", "never"),
    [
        ("return num in (1, 2)", "return num in (2, 1)"),
        ("return zip(num, dim, strict=True)", "return zip(num, dim)"),
        ("return zip(num, dim, strict=True)", "return zip(num, dim, strict=False)"),
        ("return weight[idx[num:dim]]", "return weight[idx.detach()[num:dim]]"),
        ("return max(num, dim)", "return max(dim, num)"),
        ("return weight.transpose(0, dim)", "return weight.transpose(dim, 0)"),
        ("total = num\ntotal = total + dim", "total += dim"),
    ],
    ids=lambda value: value.replace("\n", " "),
)
def test_what_would_change_nothing(line, never):
    """Changes that could not change what is returned are not made."""
    assert never not in becomes(line)


def test_brackets_where_they_are_needed():
    """A looser expression in the place of a tighter one gets brackets, and keeps what it had."""
    assert "return (num / dim) @ weight" in becomes("return num * dim @ weight")
    assert "return (dim - num).sum()" in becomes("return (num - dim).sum()")


def test_text_around_a_change_stays():
    """Only the changed expression differs: comments, layout and multi-byte letters stay."""
    source = "def f(x):\n    y = 'é', x + 1  # größer\n\n    return  y\n"
    assert "def f(x):\n    y = 'é', x - 1  # größer\n\n    return  y\n" in {
        mutant.source for mutant in mutants(source)
    }


def test_difference():
    """A mutant's difference is its changed lines, before and after."""
    source = "def f(x):\n    y = x\n    return y + 1\n"
    mutant = next(mutant for mutant in mutants(source) if mutant.becomes == "return y - 1")
    assert (mutant.line, mutant.difference(source)) == (
        3,
        ["-     return y + 1", "+     return y - 1"],
    )


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.parent.name)
def test_mutants_of_the_course(path):
    """Every mutant parses, and differs from the solution and from every other mutant."""
    source = path.read_text()
    made = mutants(source)
    trees = {ast.dump(ast.parse(mutant.source)) for mutant in made}
    assert len(trees | {ast.dump(ast.parse(source))}) == len(made) + 1 > 5
