"""Hidden checks called in the process of the submission, as graders without a sandbox do."""

import functools
import importlib.util
import inspect
import sys
import types
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
import torch

from grader.course.loading import load_exercise
from grader.course.location import default_root
from grader.sandbox import probes, rehearsal, side_effects


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

    def id_dtypes(self, function: str, *arguments: Any) -> Any:
        return probes.id_dtypes(self._module, function, list(arguments))

    def must_raise(self, kinds: Any, function: str, *arguments: Any) -> None:
        with pytest.raises(kinds):
            getattr(self._module, function)(*arguments)


class GuardedLearner(Learner):
    """The same, with what the grader does around each call, as ``grader.sandbox.runner`` does it.

    Arguments are copied. The first call of a case is rehearsed with other values, and a function is
    called again after its first gradient. Changes of the inputs, of earlier results, of global
    state and of PyTorch's functions fail the check, and the state is set back. Only forbidden
    functions are allowed, because the checks call them too.
    """

    def __init__(self, names: Mapping[str, Any], functions: side_effects.Functions) -> None:
        super().__init__(names)
        self._functions = functions
        self._effects = side_effects.Effects()
        self._results = side_effects.Results()
        self._state = side_effects.GlobalState.now()
        self._is_first = True
        self._looked_at: set[str] = set()
        self._rehearsals = 0

    def begin_case(self) -> None:
        """Rehearse the next call."""
        self._is_first = True

    def __getattr__(self, name: str) -> Any:
        return functools.partial(self._call, getattr(self._module, name))

    def run(self, probe: Any, *arguments: Any) -> Any:
        def watched(name: str) -> Any:
            return functools.partial(self._watched, getattr(self._module, name))

        module = types.SimpleNamespace(**{name: watched(name) for name in vars(self._module)})
        self._is_first = False
        try:
            return probe(module, *copies(arguments))
        finally:
            self._restore(is_probe=True)

    def vjp(self, function: str, *arguments: Any, cotangent: Any) -> Any:
        def vjp(module: Any, *arguments: Any) -> Any:
            return probes.vjp(module, function, list(arguments), cotangent)

        outcome = self.run(vjp, *arguments)
        if function not in self._looked_at:
            given = copies(arguments)
            original = getattr(self._module, function)
            if rehearsal.look_again(original, given, cotangent, outcome, self._effects):
                self._looked_at.add(function)
            assert not self._effects.take()
        return outcome

    def id_dtypes(self, function: str, *arguments: Any) -> Any:
        def id_dtypes(module: Any, *arguments: Any) -> Any:
            return probes.id_dtypes(module, function, list(arguments))

        return self.run(id_dtypes, *arguments)

    def must_raise(self, kinds: Any, function: str, *arguments: Any) -> None:
        with pytest.raises(kinds):
            self._call(getattr(self._module, function), *arguments)

    def _call(self, function: Any, /, *arguments: Any, **keywords: Any) -> Any:
        def again() -> tuple[list[Any], dict[str, Any]]:
            return copies(arguments), dict(zip(keywords, copies(keywords.values()), strict=True))

        if self._is_first:
            self._is_first = False
            watched = functools.partial(self._watched, function)
            self._rehearsals += 1
            is_short = self._rehearsals > rehearsal.WHOLE_REHEARSALS
            given, named = rehearsal.rehearse(
                function, watched, again, self._effects, self._state, is_short=is_short
            )
            self._state.random.restore()
        else:
            given, named = again()
        try:
            result = self._watched(function, *given, **named)
            self._results.report(self._effects)
            self._results.keep(result)
            return result
        finally:
            self._restore(is_probe=False)

    def _watched(self, function: Any, /, *arguments: Any, **keywords: Any) -> Any:
        given = {str(place): value for place, value in enumerate(arguments)}
        inputs = side_effects.Inputs(given | keywords)
        try:
            return function(*arguments, **keywords)
        finally:
            inputs.report(self._effects)

    def _restore(self, *, is_probe: bool) -> None:
        now = side_effects.GlobalState.now()
        self._state.report(now, self._effects, is_probe=is_probe)
        self._functions.restore(self._effects)
        self._state.restore(now)
        self._state = now
        assert not self._effects.take()


def copies(values: Iterable[Any]) -> list[Any]:
    """``values`` with copies of the tensors, so that a submission cannot change the check's."""
    return [
        value.detach().clone().requires_grad_(value.requires_grad)
        if isinstance(value, torch.Tensor)
        else value
        for value in values
    ]


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


@functools.cache
def check_names(exercise_id: str) -> list[str]:
    """Return the checks of a code exercise, in the order of its rubric."""
    return [line.name for line in load_exercise(default_root(), exercise_id).spec.rubric]


def holds(exercise_id: str, check: str, names: Mapping[str, Any], device: str = "cpu") -> bool:
    """Whether ``check`` passes for a submission that defines ``names``, without guards."""
    learner = Learner(names) if device == "cpu" else OnDevice(names)
    return holds_for(learner, exercise_id, check, device)


def holds_for(learner: Learner, exercise_id: str, check: str, device: str = "cpu") -> bool:
    """Whether ``check`` passes for ``learner``."""
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


def passed(
    exercise_id: str, names: Mapping[str, Any], functions: side_effects.Functions | None
) -> int:
    """How many checks pass for a submission; with the guards of the grader if ``functions``."""
    count = 0
    learner = Learner(names)
    if functions is not None:
        learner = GuardedLearner(names, functions)
    for check in check_names(exercise_id):
        if isinstance(learner, GuardedLearner):
            learner.begin_case()
        count += holds_for(learner, exercise_id, check)
    return count


def _checks(exercise_id: str) -> types.ModuleType:
    name = f"checks_of_{exercise_id}"
    if name not in sys.modules:
        path = load_exercise(default_root(), exercise_id).hidden / "checks.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec and spec.loader
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]
