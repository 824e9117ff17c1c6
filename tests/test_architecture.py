"""The shape of the house: what may import what, and what is written down about it."""

import ast
import functools
import re
import subprocess
import sys
from pathlib import Path

import pytest

import grader
from grader.cli import cli
from grader.cli.app import COMMANDS
from grader.course.loading import load_exercise
from grader.course.location import RESERVED, default_root, exercise_ids

PACKAGE = Path(grader.__file__).parent
ROOT = PACKAGE.parent
# Each folder or module may import from those before it, and from itself.
ORDER_LINE = (
    "errors < system < sandbox < text < files < course < grades < submission < examiner < checks"
    " < report < classroom < programs < study < adapters < verify < cli"
)
ORDER = [*ORDER_LINE.split(" < "), "__main__"]
FILES = sorted(PACKAGE.rglob("*.py"))


@functools.cache
def nodes(path: Path) -> list[ast.AST]:
    """All nodes of the syntax tree of a module."""
    return list(ast.walk(ast.parse(path.read_text())))


@functools.cache
def imports(path: Path) -> set[str]:
    """Modules of the package that ``path`` imports, anywhere in it, by full name."""
    found = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("grader.")}


def room(path: Path) -> str:
    """The first part of a module's name: the room it belongs to."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if path.parent != PACKAGE or path.name != "__init__.py"],
    ids=lambda path: path.stem,
)
def test_order(path):
    """No module imports one that stands after it in the order."""
    own = ORDER.index(room(path))
    for name in imports(path):
        part = name.split(".")[1]
        if part in ORDER:
            assert ORDER.index(part) <= own, f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize(
    "path", [path for path in FILES if room(path) == "sandbox"], ids=lambda path: path.stem
)
def test_learner_side_knows_nothing(path):
    """What runs beside learner code imports neither the examiner, nor the course, nor results."""
    known = {name.split(".")[1] for name in imports(path)}
    assert known <= {"errors", "system", "sandbox"}


def test_no_circle_inside_a_room():
    """Modules of one room import each other in one direction only."""
    graph = {
        path: {PACKAGE.parent / Path(*name.split(".")).with_suffix(".py") for name in imports(path)}
        for path in FILES
    }

    def reach(path, seen):
        for other in graph.get(path, set()) - seen:
            seen.add(other)
            reach(other, seen)
        return seen

    assert [path for path in FILES if path in reach(path, set())] == []


@pytest.mark.parametrize(
    "words",
    [["--help"], ["list"], ["show", "exercise1"], ["schema"], ["verify", "--help"]],
    ids=" ".join,
)
def test_light_commands_import_no_torch(words):
    """Commands that only read the course import nothing that only a grade needs."""
    heavy = {"torch", "pytest", "_pytest", "rich", "importlib.metadata", "grader.examiner.resident"}
    code = (
        "import sys, grader.cli\n"
        f"sys.argv[1:] = {words!r}\n"
        "try: grader.cli.main()\n"
        f"finally: print(sorted({heavy} & set(sys.modules)))\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert out.splitlines()[-1] == "[]"


def test_importing_the_package_is_light():
    """`import grader` fetches nothing until a name is used: not even what reads YAML."""
    heavy = {"torch", "yaml", "msgspec", "click", "IPython"}
    code = f"import grader, sys; print(sorted({heavy} & set(sys.modules)), grader.Outcome)"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert out == "[] <enum 'Outcome'>\n"
    assert all(getattr(grader, name) for name in grader.__all__)


def test_one_module_imports_ipython():
    """IPython is needed in a notebook only, and imported by grader/study/notebook.py alone."""
    found = {
        path.name
        for path in FILES
        for node in nodes(path)
        if isinstance(node, ast.Import | ast.ImportFrom) and "IPython" in ast.unparse(node)
    }
    assert found == {"notebook.py"}


def test_planning_a_verification_imports_no_torch():
    """What drives the examiners imports neither torch nor pytest: both live in the examiners."""
    code = (
        "import sys, grader.verify.verifier\n"
        "print(sorted({'torch', 'pytest', '_pytest', 'rich'} & set(sys.modules)))"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        == "[]\n"
    )


def test_code_is_executed_in_three_places():
    """``exec`` is in two modules of the sandbox, ``eval`` in one of the examiner: nowhere else."""
    found = {
        (node.func.id, path.relative_to(PACKAGE).as_posix())
        for path in FILES
        for node in nodes(path)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("exec", "eval")
    }
    assert found == {
        ("exec", "sandbox/statements.py"),
        ("exec", "sandbox/runner.py"),
        ("eval", "examiner/quiz.py"),
    }


def test_only_the_cli_prints_or_exits():
    """``print``, ``click.echo`` and ``sys.exit`` stand in cli/ alone."""
    for path in FILES:
        if room(path) != "cli":
            calls = {ast.unparse(node.func) for node in nodes(path) if isinstance(node, ast.Call)}
            assert calls.isdisjoint({"print", "click.echo", "sys.exit", "exit"}), path


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_is_documented(name):
    """The list of commands tells of every command."""
    assert f"`grade {name}" in (ROOT / "docs" / "commands.md").read_text()


def test_list_of_commands_is_right():
    """What `grade --help` says of a command, without importing it, is what the command says."""
    for commands in COMMANDS.values():
        for name, (_, short_help) in commands.items():
            command = cli.commands[name]
            assert (command.name, command.get_short_help_str(60)) == (name, short_help)
    assert set(cli.commands) < RESERVED


def test_engine_knows_no_exercise():
    """No code of the engine names an exercise, an entry or their topic; docstrings may."""
    course = [load_exercise(default_root(), name) for name in exercise_ids(default_root())]
    entries = {
        re.match(r"(?:class )?(\w+)", entry)[1]
        for one in course
        for entry in getattr(one.spec, "entry", [])
    }
    named = re.compile(
        rf"embedding|linear|\b(?:{'|'.join([*entries, *(one.id for one in course)])})\b",
        re.IGNORECASE,
    )
    for path in FILES:
        said = {}
        for node in nodes(path):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                said[node.value] = ""  # a docstring; its constant is walked later
            elif isinstance(node, ast.Constant):
                said.setdefault(node, str(node.value))
            else:
                fields = (
                    getattr(node, field, None) for field in ("id", "attr", "name", "arg", "module")
                )
                said[node] = " ".join(filter(lambda field: isinstance(field, str), fields))
        assert [words for words in said.values() if named.search(words)] == [], path


def test_nothing_is_unpickled():
    """No module names pickle, marshal, shelve or torch.load."""
    for path in FILES:
        tree = nodes(path)
        names = {node.attr for node in tree if isinstance(node, ast.Attribute)} | {
            alias.name
            for node in tree
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        }
        assert names.isdisjoint({"pickle", "marshal", "shelve", "dill", "cloudpickle"}), path
        assert "torch.load" not in path.read_text()


def test_order_is_documented():
    """docs/architecture.md states the same import order."""
    assert f"`{ORDER_LINE}`" in (ROOT / "docs" / "architecture.md").read_text()


def test_few_modules_at_the_top():
    """At most six modules stand beside the folders of the package."""
    assert len(list(PACKAGE.glob("*.py"))) <= 6


def test_exercise_kinds_are_rarely_told_apart():
    """The spec of an exercise answers; at most five places ask which kind it is."""
    kinds = re.compile(r"isinstance\([^)]*(CodeExercise|QuizExercise)")
    assert sum(len(kinds.findall(path.read_text())) for path in FILES) <= 5


def test_private_names_of_torch_are_in_one_module():
    """What a new version of PyTorch can take away is used in sandbox/torch_internals alone."""
    private = re.compile(r"torch(\.\w+)*\._(?!_)\w|\b_C\b")
    for path in FILES:
        if path.stem == "torch_internals":
            continue
        for node in nodes(path):
            if isinstance(node, ast.ImportFrom | ast.Import | ast.Attribute):
                assert not private.search(ast.unparse(node)), f"{path}: {ast.unparse(node)}"
