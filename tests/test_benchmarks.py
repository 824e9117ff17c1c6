"""The benchmarks that need what is seldom there, and the table that all of them become."""

import re
import sys
from pathlib import Path

import pytest

from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks import gpu
from tests.benchmarks.measure import Row
from tests.grading import HAS_GPU

PAGE = (Path(__file__).parents[1] / "docs" / "performance.md").read_text()


@pytest.mark.slow
def test_examiners_that_share_a_device():
    """What is measured on a GPU runs on the CPU too, and both sides find the same."""
    speed, passed = gpu.shared("cpu", numbers=(1,), each=3, runs=1)
    assert speed.what == "1 examiner on one cpu"
    assert re.fullmatch(r"\d+\.\d/s", speed.ours)
    assert passed.ours == passed.beside != "0"


@pytest.mark.skipif(HAS_GPU, reason="there is a GPU")
def test_no_gpu_is_told(monkeypatch, capsys):
    """Where there is no GPU, the table says so, and where it was made."""
    monkeypatch.setattr(sys, "argv", ["benchmarks", "gpu", "--runs", "1"])
    benchmarks.main()
    table, machine = capsys.readouterr().out.split("\n\n")
    assert re.search(
        r"^\| `gpu` +\| submissions on a GPU +\| no CUDA device +\|", table, re.MULTILINE
    )
    assert re.search(r"\d cores of .*, Python 3\.\d+\.\d+, PyTorch \d", machine)


def test_a_part_that_goes_wrong_costs_no_other(monkeypatch, capsys):
    """What was measured is printed whatever comes after it, and a bar in it breaks no table."""

    def good(runs):
        return [Row("a | b", f"{runs} ms")]

    def bad(runs):
        raise OSError("no space\nleft")

    monkeypatch.setattr(benchmarks, "PARTS", {"good": good, "bad": bad})
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--runs", "3"])
    with pytest.raises(SystemExit, match="1"):
        benchmarks.main()
    lines = capsys.readouterr().out.splitlines()
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:4]]
    assert cells == [
        ["`good`", r"a \| b", "3 ms", "", "", ""],
        ["`bad`", "went wrong (OSError)", "no space left", "", "", ""],
    ]


def test_every_part_is_explained():
    """docs/performance.md says of each part of the table what is measured, and names no other."""
    explained = re.findall(r"^- \*\*`([\w-]+)`\*\*", PAGE, re.MULTILINE)
    assert explained == list(benchmarks.PARTS)
