"""Detects what a call changes besides returning a value, in the process of the submission.

A call should leave its inputs, the global state of PyTorch and Python, and the results of
earlier calls as they are. Global state is set back, so that one call cannot spoil the next.
"""

import _random
import ctypes
import operator
import os
import random
import sys
import types
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import torch

from grader.sandbox import torch_internals, torch_settings, values, wire

MAX_ELEMENTS: Final = 2**16
"""Larger results are not compared again."""
MAX_COPIED: Final = 2**20
"""Of a larger input, only the number of its changes is compared: a copy would take its memory."""
MAX_PARTS: Final = 8
"""Tensors of one result that are compared again."""
MAX_REPORTED: Final = 8
_TORCH: Final = os.path.dirname(torch.__file__) + os.sep
_MODULES: Final = (torch, torch.autograd, torch.nn, torch.nn.functional, torch.nn.init)
_CLASSES: Final = (torch.Tensor, torch.nn.Module, torch.nn.Parameter)
"""Modules and classes whose functions a submission must not replace."""
_CPU: Final = torch.device("cpu")
# What people can read off a tensor: the words for a message.
_FACTS: Final = ("shape", "dtype", "strides", "requires_grad", "hooks")


class Effects:
    """The side effects of one request, each once."""

    def __init__(self) -> None:
        self._found: dict[wire.SideEffect, None] = {}

    def add(self, kind: wire.SideEffectKind, what: str, name: str = "") -> None:
        """Record one side effect."""
        if len(self._found) < MAX_REPORTED:
            self._found[wire.SideEffect(kind, what, name[: wire.MAX_NAME])] = None

    def take(self) -> list[wire.SideEffect]:
        """Return the side effects, and forget them."""
        found = list(self._found)
        self._found.clear()
        return found


class _Tensor(NamedTuple):
    """A tensor before a call."""

    name: str
    tensor: torch.Tensor
    numbers: bytes | torch.Tensor | None
    version: int | None
    grad: tuple[torch.Tensor | None, int | None]
    facts: tuple[Any, ...]
    """The values of ``_FACTS``."""

    @classmethod
    def of(cls, name: str, tensor: torch.Tensor) -> "_Tensor":
        """A tensor as it is now."""
        numbers = _numbers(tensor) if tensor.numel() <= MAX_COPIED else None
        version = _version(tensor)
        return cls(name, tensor, numbers, version, _grad(tensor), facts_of(tensor))


class _Container(NamedTuple):
    """A list, dictionary or module before a call."""

    name: str
    what: str
    """The word for a message."""
    container: Any
    contents: list[Any]


class Inputs:
    """The arguments of a call as they were before it: tensors, modules, lists and dictionaries."""

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        self._tensors: list[_Tensor] = []
        self._containers: list[_Container] = []
        if is_observed():
            return
        for name, argument in arguments.items():
            try:
                self._remember(name, argument)
            except RuntimeError:
                # Inside a transform such as vmap, tensors have no values that could be compared.
                continue

    def report(self, effects: Effects) -> None:
        """Add what changed since."""
        for before in self._tensors:
            what = _changed(before)
            if what:
                effects.add("mutates_input", what, before.name)
        for name, what, container, contents in self._containers:
            if not _is_same(contents, _contents(container)):
                effects.add("mutates_input", what, name)

    def _remember(self, name: str, value: Any) -> None:
        if isinstance(value, torch.Tensor):
            # The values of a sparse tensor or of one without memory cannot be compared.
            if value.layout is torch.strided and not value.is_meta:
                self._tensors.append(_Tensor.of(name, value))
            return

        what = "items"
        parts: Iterable[tuple[str, Any]]
        if isinstance(value, torch.nn.Module):
            what = "modules"
            parts = _state(value)
            place_format = ".{}"
        elif isinstance(value, list | tuple):
            parts = ((str(place), item) for place, item in enumerate(value))
            place_format = "[{}]"
        elif isinstance(value, dict):
            parts = ((repr(key), item) for key, item in value.items())
            place_format = "[{}]"
        else:
            return

        before = _Container(name, what, value, _contents(value))
        self._containers.append(before)
        for part, item in parts:
            self._remember(name + place_format.format(part), item)


def is_observed() -> bool:
    """Whether a probe counts the operations of this thread, so that ours would count too."""
    return bool(torch_internals.dispatch_modes() or torch_internals.function_modes())


def facts_of(tensor: torch.Tensor) -> tuple[Any, ...]:
    """The values of ``_FACTS``."""
    return (
        tensor.shape,
        tensor.dtype,
        tensor.stride(),
        tensor.requires_grad,
        torch_internals.hooks(tensor),
    )


def _version(tensor: torch.Tensor) -> int | None:
    """The number of changes in place; None for a tensor of inference mode, which counts none."""
    return None if tensor.is_inference() else torch_internals.changes(tensor)


def _grad(tensor: torch.Tensor) -> tuple[torch.Tensor | None, int | None]:
    """The stored gradient, and the number of its changes: `backward` adds to it in place."""
    if not tensor.is_leaf or tensor.grad is None:
        return None, None
    return tensor.grad, _version(tensor.grad)


def _changed(before: _Tensor) -> str:
    """Say in one word what is different now; empty if nothing is."""
    tensor = before.tensor
    facts = facts_of(tensor)
    if facts != before.facts:
        pairs = zip(_FACTS, facts, before.facts, strict=True)
        return next(what for what, now, then in pairs if now != then)

    grad, changes = _grad(tensor)
    if grad is not before.grad[0] or changes != before.grad[1]:
        return "grad"
    if before.numbers is not None and not _has_numbers(tensor, before.numbers):
        return "values"
    if _version(tensor) != before.version:
        # The same numbers were written again, which autograd counts as a change.
        return "version"
    return ""


def _numbers(tensor: torch.Tensor) -> bytes | torch.Tensor:
    """A copy of the numbers of a tensor: its bytes, which are quick to compare, or a tensor."""
    try:
        numbers = values.memory_of(tensor)
    except RuntimeError:
        # A tensor inside a transform such as grad has no memory of its own.
        numbers = None
    return tensor.detach().clone() if numbers is None else numbers


def _has_numbers(tensor: torch.Tensor, numbers: bytes | torch.Tensor) -> bool:
    """Whether a tensor of the same shape and dtype still has these numbers."""
    if isinstance(numbers, bytes):
        if values.memory_of(tensor) == numbers:
            return True
        # Other bytes can be the same number: 0 and -0.
        numbers = values.from_bytes(numbers, tensor.dtype).reshape(tensor.shape)
    return _is_equal(tensor.detach(), numbers)


def _is_equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether all elements are the same; NaN is the same as NaN."""
    if torch.equal(one, other):
        return True
    both_nan = one.ne(one) & other.ne(other)
    return bool((one.eq(other) | both_nan).all())


def _contents(container: Any) -> list[Any]:
    if isinstance(container, dict):
        return [*container.keys(), *container.values()]
    if not isinstance(container, torch.nn.Module):
        return list(container)

    modules = list(container.modules())
    contents: list[Any] = [*modules]
    # `eval()` and `train()` change the mode of a module.
    contents += [module.training for module in modules]
    contents += [tensor for _, tensor in _state(container)]
    return contents


def _state(module: torch.nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    yield from module.named_parameters()
    yield from module.named_buffers()


def _is_same(one: list[Any], other: list[Any]) -> bool:
    return len(one) == len(other) and all(map(operator.is_, one, other))


class Settings(NamedTuple):
    """The settings of PyTorch and Python that a call must leave as they are."""

    dtype: torch.dtype
    device: torch.device
    grad_mode: bool
    inference_mode: bool
    deterministic: tuple[bool, bool]
    threads: int
    warnings: list[Any]
    # The values of torch_settings.SETTINGS.
    others: tuple[Any, ...]


class _PythonGenerator:
    """The generator behind the functions of ``random``.

    Its state is a tuple of 625 numbers. To make it and to compare it takes longer than all other
    comparisons around a call, so it is made only if the bytes of the generator have changed.
    """

    def __init__(self) -> None:
        self._generator: random.Random = random.getstate.__self__  # type: ignore[attr-defined]
        # What CPython keeps in C follows the header that all objects have.
        header = object.__basicsize__
        self._address = id(self._generator) + header
        self._size = _random.Random.__basicsize__ - header
        self._seen: tuple[bytes, float | None] | None = None
        self._state: Any = None

    def state(self) -> Any:
        """Return what ``random.getstate`` returns, the same object while nothing changes."""
        numbers = ctypes.string_at(self._address, self._size)
        found = numbers, self._generator.gauss_next  # type: ignore[attr-defined]
        if found != self._seen:
            self._seen = found
            self._state = random.getstate()
        return self._state


_python_generator: Final = _PythonGenerator()


class RandomState(NamedTuple):
    """The generators of random numbers at one moment."""

    python: Any
    torch: torch.Tensor
    numpy: Any

    @classmethod
    def now(cls) -> "RandomState":
        """Return the state of this moment."""
        return cls(_python_generator.state(), torch.default_generator.get_state(), _numpy_random())

    def report(self, now: "RandomState", effects: Effects) -> None:
        """Add it if random numbers were drawn until ``now``."""
        is_same = now.python == self.python and torch.equal(now.torch, self.torch)
        # Before NumPy's generator exists, nobody knows how it will begin.
        if self.numpy is not None and now.numpy != self.numpy:
            is_same = False
        if not is_same:
            effects.add("draws_random", "random")

    def restore(self) -> None:
        """Set the generators back."""
        random.setstate(self.python)
        torch.default_generator.set_state(self.torch)
        if self.numpy is not None:
            _set_numpy_random(self.numpy)


class GlobalState(NamedTuple):
    """The global state that a call must leave as it is, at one moment."""

    settings: Settings
    modules: int
    random: RandomState

    @classmethod
    def now(cls) -> "GlobalState":
        """Return the state of this moment."""
        settings = Settings(
            torch.get_default_dtype(),
            _default_device(),
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            deterministic_setting(),
            torch.get_num_threads(),
            list(warnings.filters),
            torch_settings.current(),
        )
        return cls(
            settings=settings,
            modules=len(sys.modules),
            random=RandomState.now(),
        )

    def report(
        self,
        now: "GlobalState",
        effects: Effects,
        *,
        is_loading: bool = False,
        is_probe: bool = False,
    ) -> None:
        """Add what is different ``now``.

        Programs may seed, ignore warnings and choose threads at their start, and a probe may draw
        random numbers itself.
        """
        self.report_settings(now, effects, is_loading=is_loading)
        if not is_loading and not is_probe:
            self.random.report(now.random, effects)

    def report_settings(
        self, now: "GlobalState", effects: Effects, *, is_loading: bool = False
    ) -> None:
        """Add what is different ``now``, except random numbers."""
        if now.settings == self.settings:
            return
        for what in ("dtype", "device", "grad_mode", "inference_mode"):
            if getattr(now.settings, what) != getattr(self.settings, what):
                effects.add("changes_state", what)
        if is_loading:
            return

        for what in ("deterministic", "threads"):
            if getattr(now.settings, what) != getattr(self.settings, what):
                effects.add("changes_state", what)
        for name in torch_settings.differences(self.settings.others, now.settings.others):
            effects.add("changes_state", "setting", name)
        # A module that is imported can add filters, which is not the submission's decision.
        if now.modules == self.modules:
            before = _without_own_filters(self.settings.warnings)
            if _without_own_filters(now.settings.warnings) != before:
                effects.add("changes_state", "warnings")

    def restore(self, now: "GlobalState") -> None:
        """Set back what is different ``now``, except random numbers and inference mode."""
        before, after = self.settings, now.settings
        if after == before:
            return
        if after.dtype != before.dtype:
            torch.set_default_dtype(before.dtype)
        if after.device != before.device:
            # None ends the context that a default device is; the CPU needs no context.
            is_cpu = before.device.type == "cpu"
            torch.set_default_device(None if is_cpu else before.device)
        if after.grad_mode != before.grad_mode:
            torch.set_grad_enabled(before.grad_mode)
        if after.deterministic != before.deterministic:
            is_on, warns = before.deterministic
            torch_internals.set_deterministic(is_on, warn_only=warns)
        if after.threads != before.threads:
            torch.set_num_threads(before.threads)
        torch_settings.restore(before.others, after.others)
        if after.warnings != before.warnings:
            # Through its interface, so that Python drops what it cached for the old filters.
            warnings.resetwarnings()
            warnings.filters[:] = before.warnings  # type: ignore[index]


def _without_own_filters(filters: list[Any]) -> list[Any]:
    """Return the filters of warnings that torch did not add."""
    return [entry for entry in filters if entry != torch_internals.COMPILER_FILTER]


def _default_device() -> torch.device:
    # A default device is a mode for functions, so without modes there is none.
    if not torch_internals.function_modes():
        return _CPU
    try:
        return torch.get_default_device()
    except Exception:
        # A submission can choose a device that this machine lacks.
        return torch.device("meta")


def _numpy_random() -> Any:
    """The state of NumPy's generator in a form that can be compared; None before it exists."""
    module = sys.modules.get("numpy.random")
    if module is None:
        return None
    kind, numbers, *rest = module.get_state()
    return kind, numbers.tobytes(), *rest


def _set_numpy_random(state: Any) -> None:
    kind, numbers, *rest = state
    numpy = sys.modules["numpy"]
    sys.modules["numpy.random"].set_state((kind, numpy.frombuffer(numbers, numpy.uint32), *rest))


def deterministic_setting() -> tuple[bool, bool]:
    """Whether algorithms must be deterministic, and whether torch only warns about others."""
    return torch_internals.are_deterministic(), torch_internals.is_deterministic_warn_only()


class _Replaced(NamedTuple):
    """An attribute of PyTorch that was replaced, or may have been."""

    owner: Any
    """A module or a class."""
    name: str
    original: Any


class Functions:
    """The functions of PyTorch as they were before the submission was loaded.

    Created in the fork server: in a forked process, the first look at each function costs time.
    """

    def __init__(self) -> None:
        self._classes = [(owner, dict(vars(owner))) for owner in _CLASSES]
        for module in _MODULES:
            module.__class__ = _WatchedModule

    def begin(self) -> None:
        """Forget what the grader itself replaced."""
        _replaced.clear()

    def restore(self, effects: Effects) -> None:
        """Set back what a submission replaced, and add it to ``effects``."""
        # The last change first, so that the oldest value is set back at the end.
        changes = list(reversed(_replaced))
        for owner, saved in self._classes:
            changes += _changes_of(owner, saved)

        for change in changes:
            found = vars(change.owner).get(change.name)
            if found is change.original or _is_from_torch(found):
                continue
            setattr(change.owner, change.name, change.original)
            effects.add("changes_state", "functions", f"{change.owner.__name__}.{change.name}")

        _replaced.clear()


def _changes_of(owner: type, saved: Mapping[str, Any]) -> list[_Replaced]:
    """The attributes of a class that may be replaced, with their former values."""
    current = vars(owner)
    changes = []
    # Names that are added later come last, so usually both have the same order.
    is_same = all(map(operator.is_, saved.values(), current.values()))
    if not is_same:
        changes += [_Replaced(owner, name, value) for name, value in saved.items()]
    if len(current) > len(saved):
        # A new name hides a method of a base class.
        base = owner.__base__
        for name in current:
            if name not in saved and hasattr(base, name):
                original = getattr(base, name)
                changes.append(_Replaced(owner, name, original))

    return changes


_replaced: list[_Replaced] = []
"""What was replaced in PyTorch's modules, in this order."""


class _WatchedModule(types.ModuleType):
    """A module of PyTorch that remembers what is replaced in it.

    Comparing all of its functions after each call would take longer than most calls.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__:
            original = self.__dict__[name]
            _replaced.append(_Replaced(self, name, original))
        super().__setattr__(name, value)


def _is_from_torch(function: Any) -> bool:
    """Whether PyTorch itself put ``function`` there.

    ``torch.compile`` replaces some functions, and another default dtype gives ``torch.Storage``
    another class.
    """
    if isinstance(function, type):
        return vars(torch).get(function.__name__) is function
    code = getattr(function, "__code__", None)
    # A submission can give its own object any attribute.
    if not isinstance(code, types.CodeType):
        return False
    return code.co_filename.startswith(_TORCH)


def tensors_of(value: Any) -> list[torch.Tensor]:
    """The tensors of a result, which can be a tensor or a list or tuple of some."""
    parts = [value]
    # The methods of the built-in classes, because a subclass can iterate without end.
    if issubclass(type(value), tuple):
        parts = list(tuple.__iter__(value))
    elif issubclass(type(value), list):
        parts = list(list.__iter__(value))

    found = []
    for part in parts[:MAX_PARTS]:
        # A subclass could run code of its own when it is compared.
        if type(part) is not torch.Tensor or part.layout is not torch.strided:
            continue
        # A nested tensor, which cannot be sent, has no shape.
        if not part.is_nested:
            found.append(part)
    return found


_Form = tuple[torch.Size, torch.dtype]


def _form(tensor: torch.Tensor) -> _Form:
    return tensor.shape, tensor.dtype


class Results:
    """The last result, to see whether a later call changes it."""

    def __init__(self) -> None:
        self._tensors: list[tuple[torch.Tensor, _Form, bytes | torch.Tensor]] = []

    def keep(self, value: Any) -> None:
        """Keep the tensors of a result in place of those of the last one."""
        self._tensors.clear()
        for part in tensors_of(value):
            if part.numel() <= MAX_ELEMENTS:
                self._tensors.append((part, _form(part), _numbers(part)))

    def report(self, effects: Effects) -> None:
        """Add a change of the last result."""
        for tensor, form, numbers in self._tensors:
            if _form(tensor) != form or not _has_numbers(tensor, numbers):
                effects.add("changes_result", "values")
