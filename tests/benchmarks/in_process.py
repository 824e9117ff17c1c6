"""Hidden checks called in the process of the submission, as graders without a sandbox do."""

import importlib.util
import inspect
import sys
import types
from collections.abc import Mapping
from typing import Any

import pytest
import torch

from grader.course.loading import load_exercise
from grader.course.location import default_root
from grader.examiner import probes


class Learner:
    """The fixture ``learner``, answered in this process."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._module = types.SimpleNamespace(**names)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)

    def run(self, probe: Any, *arguments: Any) -> Any:
        return probe(self._module, *arguments)

    def vjp(self, function: str, *arguments: Any, cotangent: Any) -> Any:
        return probes.vjp(self._module, function, list(arguments), cotangent)

    def must_raise(self, kinds: Any, function: str, *arguments: Any) -> None:
        with pytest.raises(kinds):
            getattr(self._module, function)(*arguments)


class OnDevice(Learner):
    """The same on another device; values come back to the CPU, as they do over the wire."""

    def __getattr__(self, name: str) -> Any:
        found = super().__getattr__(name)
        return lambda *words, **named: to_cpu(found(*words, **named))

    def run(self, probe: Any, *arguments: Any) -> Any:
        return to_cpu(super().run(probe, *arguments))

    def vjp(self, function: str, *arguments: Any, cotangent: Any) -> Any:
        return to_cpu(super().vjp(function, *arguments, cotangent=cotangent))


def to_cpu(value: Any) -> Any:
    """``value`` with its tensors on the CPU."""
    if isinstance(value, torch.Tensor):
        return value.cpu()
    return type(value)(map(to_cpu, value)) if isinstance(value, tuple | list) else value


def check_names(exercise_id: str) -> list[str]:
    """Return the checks of a code exercise, in the order of its rubric."""
    return [line.name for line in load_exercise(default_root(), exercise_id).spec.rubric]


def holds(exercise_id: str, check: str, names: Mapping[str, Any], device: str = "cpu") -> bool:
    """Whether ``check`` passes for a submission that defines ``names``."""
    learner = Learner(names) if device == "cpu" else OnDevice(names)
    function = getattr(_checks(exercise_id), f"test_{check}")
    known = {
        "learner": learner,
        "rng": torch.Generator().manual_seed(1),
        "device": torch.device(device),
    }
    try:
        function(**{name: known[name] for name in inspect.signature(function).parameters})
    except BaseException:
        return False
    return True


def _checks(exercise_id: str) -> types.ModuleType:
    name = f"checks_of_{exercise_id}"
    if name not in sys.modules:
        path = load_exercise(default_root(), exercise_id).hidden / "checks.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec and spec.loader
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]
