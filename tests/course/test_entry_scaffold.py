"""The files of a new exercise for given signatures."""

from grader.course.entry_scaffold import entry_files
from grader.course.records import Entry

ENTRIES = {
    "f(x, k=3, bias=None) -> Tensor": "def f(x: Tensor, k: int = 3, bias: Tensor | None = None)"
    " -> Tensor:",
    'f(a: list[int], b="x") -> int': 'def f(a: list[int], b: str = "x") -> int:',
    "class Net(num, rate=0.5)": "def __init__(self, num: int, rate: float = 0.5) -> None:",
    "f()": "def f() -> Tensor:",
    "f(y=torch.zeros(2))": "def f(y: Tensor = torch.zeros(2)) -> Tensor:",
}


def test_stubs_have_types():
    """A stub has the types of its signature and defaults; others are sizes or tensors."""
    for signature, line in ENTRIES.items():
        files = entry_files([Entry.parse(signature)])
        for name in ("exercises/{id}/starter.py", "solutions/{id}/solution.py"):
            assert line in files[name]
            assert ("import torch\n" in files[name]) >= ("torch.zeros" in line)
            assert ("import Tensor" in files[name]) == ("Tensor" in files[name])
