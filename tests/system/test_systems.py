"""Self-study on macOS and Windows, with a Python on Linux that looks like one there."""

import ast
import ctypes
import errno
import io
import os
import re
import runpy
import subprocess
import sys
import types
from pathlib import Path

import pytest

import grader
from grader.grades.isolation import NO_SANDBOX
from grader.sandbox import wire
from tests.grading import SMALL_COURSE, run_grade
from tests.system.pretend import systems

PACKAGE = Path(grader.__file__).parent
PRETEND = Path(systems.__file__).parent
ALL = pytest.mark.parametrize("system", ["macos", "windows"])
# The adapters need libraries that are not always there; self-study needs no cluster.
IMPORT_ALL = """
import importlib, pkgutil, sys
import grader
for module in pkgutil.walk_packages(grader.__path__, "grader."):
    if module.name.endswith("__main__") or {"adapters", "cluster"} & set(module.name.split(".")):
        continue
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as error:
        print(module.name, error.name)
print(sys.platform)
"""


@ALL
@pytest.mark.slow
def test_all_other_modules_can_be_imported(system):
    """Only the implementations for another system import what this system lacks."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL],
        env={
            **os.environ,
            "PYTHONPATH": str(PRETEND / system),
            "IMPORT_FIRST": f"{systems.HEAVY} IPython.core.magic",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    *failed, platform = done.stdout.splitlines()
    missing = {line.split()[0].removeprefix("grader.") for line in failed}
    expected = set(systems.ONLY_LINUX.split()) | {"system.windows"}
    if platform == "win32":
        expected |= {"system.posix", "cli.keyboard"}
        expected -= {"system.windows"}
    assert missing == expected


@pytest.mark.parametrize("system", [pytest.param("macos", marks=pytest.mark.slow), "windows"])
def test_grade(system, tmp_path):
    """`grade EXERCISE` works, and says that there is no sandbox."""
    file = SMALL_COURSE / "solutions" / "double" / "solution.py"
    done = run_grade(
        *("double", str(file), "--course", str(SMALL_COURSE)),
        folder=tmp_path,
        PYTHONPATH=str(PRETEND / system),
    )
    assert done.returncode == 0, done.stderr
    assert "All checks passed: 5 of 5 points" in done.stdout
    assert done.stderr == f"{NO_SANDBOX}\n"


@pytest.fixture
def windows(monkeypatch):
    """What `SYSTEM` is on Windows, with functions of the kernel that a test gives it."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "msvcrt", types.ModuleType("msvcrt"))
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0, raising=False)
    monkeypatch.setattr(os, "O_BINARY", 0, raising=False)
    monkeypatch.setattr(os, "O_NOINHERIT", 0, raising=False)
    return runpy.run_path(str(PACKAGE / "system" / "windows.py"))["Windows"]()


def test_job_object(windows, monkeypatch):
    """On Windows, a process asks for a job that limits its memory and ends with it.

    The numbers are those of winnt.h and psapi.h for 64 bits; no Windows has seen them yet.
    """
    mib = 1 << 20
    asked = []

    def memory_info(_process, counters, size):
        assert size == 72
        ctypes.c_size_t.from_address(ctypes.addressof(counters._obj) + 56).value = 300 * mib

    def assign(job, process):
        asked.append((job.value, process.value))

    def set_limits(job, kind, limits, size):
        start = ctypes.addressof(limits._obj)
        flags = ctypes.c_uint32.from_address(start + 16).value
        memory = ctypes.c_uint64.from_address(start + 112).value
        asked.append((job.value, kind, flags, memory // mib, size))

    kernel = types.SimpleNamespace(
        K32GetProcessMemoryInfo=memory_info,
        CreateJobObjectW=lambda _security, _name: 77,
        AssignProcessToJobObject=assign,
        SetInformationJobObject=set_limits,
    )
    monkeypatch.setattr(ctypes, "WinDLL", lambda _: kernel, raising=False)
    windows.contain(100 * mib)
    # The next submission in the same process.
    windows.contain(200 * mib)
    this_process = ctypes.c_void_p(-1).value
    assert asked == [
        (77, this_process),
        (77, 9, 0x2100, 400, 144),
        (77, 9, 0x2100, 500, 144),
    ]


def test_a_reader_that_ended_on_windows(windows, monkeypatch):
    """There, a pipe without a reader is an invalid argument; other errors stay what they are."""
    monkeypatch.setattr(wire, "SYSTEM", windows)

    class Pipe(io.BytesIO):
        def __init__(self, error):
            super().__init__()
            self.error = error

        def flush(self):
            raise self.error

    with pytest.raises(BrokenPipeError):
        wire.send(Pipe(OSError(errno.EINVAL, "Invalid argument")), 1)
    with pytest.raises(OSError, match="No space") as caught:
        wire.send(Pipe(OSError(errno.ENOSPC, "No space left")), 1)
    assert caught.type is OSError
    assert windows.is_reader_gone(BrokenPipeError())
    # Such a name of a file is invalid.
    assert not windows.is_reader_gone(OSError(errno.EINVAL, "Invalid argument", "what?.py"))


def test_one_package_asks_which_system_this_is():
    """Only grader/system looks at the name of the system; modules that only one has are there."""
    asks = re.compile(r"sys\.platform|os\.name\b|platform\.system")
    foreign = {"fcntl", "resource", "pwd", "grp", "termios", "tty", "msvcrt", "winreg"}
    only_linux = {Path(*name.split(".")) for name in systems.ONLY_LINUX.split()}
    only_linux |= {Path("cli/keyboard"), Path("submission/source_check")}
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).with_suffix("")
        if name.parts[0] == "system" or name in only_linux:
            continue
        text = path.read_text()
        # The page of `grade doctor` shows the name.
        assert name == Path("report/terminal/doctor") or not asks.search(text), path
        found = set()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module)
        assert not found & foreign, path
