"""Refuses what an exercise forbids, in the process that runs the learner's code.

A use is a call that runs, so nothing here reads the source of a submission. ``Guard``
changes the forbidden things themselves, not only their names:

- A Python function gets other code. Every name, alias, subclass and table of torch that
  has the function then has the refusal.
- An operator gets other kernels in torch's dispatcher, through which ``F.embedding``,
  ``torch.ops``, ``torch._VF``, TorchScript and ``redispatch`` call it. Its decompositions
  are Python functions.
- Everything else is replaced under its name: functions written in C, properties, objects.
"""

import _thread
import functools
import importlib
import inspect
import os
import sys
import threading
import traceback
import types
import warnings
from collections.abc import Callable, Iterable, Iterator
from importlib.machinery import SourceFileLoader
from typing import Any, NoReturn

import torch

from grader.sandbox import torch_internals, wire
from grader.sandbox.torch_internals import DispatchKey, OpOverload

# Code here may read a refused property: torch to print a tensor, the grader to look at one.
_TRUSTED_FOLDERS = (os.path.dirname(torch.__file__), os.path.dirname(__file__))
AUTOGRAD = "torch.autograd"
"""The name under which an exercise forbids autograd as a whole."""
# The functions of `threading` and `_thread` that start a thread, in any version of Python.
_THREAD_STARTERS = {
    "_start_joinable_thread",
    "_start_new_thread",
    "start_joinable_thread",
    "start_new",
    "start_new_thread",
}
_REFUSAL = "the function that refuses"
# CPython's mark of a class whose attributes cannot be replaced (Include/object.h).
_IMMUTABLE_TYPE = 1 << 8
_PLAIN_VALUES = (bool, int, float, str, torch.dtype, torch.layout, torch.memory_format)


class ForbiddenUse(BaseException):
    """A forbidden use. Not an ``Exception``, so that ``except Exception`` does not catch it."""


class Guard:
    """Refuses ``forbidden`` names and operators in this process and its forks.

    It remembers a use even if the submission catches the exception. ``folder`` is where
    the submission will be; tracebacks contain only its files.
    """

    def __init__(self, forbidden: list[str], folder: str) -> None:
        self.forbidden = forbidden
        self.folder = folder
        self._use: tuple[str, list[wire.Frame]] | None = None
        # How often the submission switched the recording of gradients, which stays off anyway.
        self._switches = 0
        # What undoes each change.
        self._undo: list[Callable[[], object]] = []
        # Python functions and classes that are refused, and their forbidden names.
        self._targets: list[tuple[Any, str]] = []
        for name in forbidden:
            self._refuse(name)
        if self._targets:
            self._refuse_copies()

    def lift(self) -> None:
        """Allow everything again, before the fork server prepares another exercise."""
        for undo in reversed(self._undo):
            # In reverse order, because a later change can cover an earlier one.
            undo()

        self._undo.clear()

    def take_use(self) -> tuple[str, list[wire.Frame]] | None:
        """Return and forget the first use since the last call: its name and its traceback."""
        use, self._use = self._use, None
        return use

    def take_odd_switches(self) -> bool:
        """Return whether the recording of gradients was switched off and not back, and forget it.

        ``torch.is_grad_enabled`` cannot tell, because the recording stays off where autograd is
        forbidden.
        """
        is_odd = self._switches % 2 == 1
        self._switches = 0
        return is_odd

    def _refuse(self, name: str) -> None:
        if "::" in name:
            self._refuse_operator(name)
        elif name == AUTOGRAD:
            self._refuse_autograd()
        else:
            owner, attribute = _locate(name)
            self._refuse_attribute(owner, attribute, name)

    def _refusal(self, name: str) -> Callable[..., NoReturn]:
        def refuse(*_: object, **__: object) -> NoReturn:
            if self._use is None:
                self._use = (name, self._frames())
            raise ForbiddenUse(f"`{name}` is not allowed in this exercise")

        return refuse

    def _frames(self) -> list[wire.Frame]:
        """Return the lines of the submission that led here."""
        innermost_first = list(traceback.walk_stack(None))
        frames = own_frames(reversed(innermost_first), self.folder)
        if frames:
            return frames

        # A thread of a pool calls it, and the submission waits for the result.
        for frame in sys._current_frames().values():  # noqa: SLF001 - Python has no public one
            innermost_first = list(traceback.walk_stack(frame))
            frames = own_frames(reversed(innermost_first), self.folder)
            if frames:
                break

        return frames

    # Names

    def _refuse_attribute(self, owner: Any, attribute: str, name: str) -> None:
        target = _attribute(owner, attribute)
        if isinstance(target, types.ModuleType):
            self._refuse_module(target, name)
        elif isinstance(target, type):
            self._targets.append((target, name))
            self._refuse_class(target, name)
        elif function := _python_function(target):
            self._targets.append((function, name))
            self._refuse_function(function, name)
        elif inspect.isdatadescriptor(target):
            refuse = self._refusal(name)
            self._replace(owner, attribute, _RefusedProperty(target, refuse))
        elif callable(target):
            self._replace(owner, attribute, self._refusal(name))
        else:
            self._replace(owner, attribute, _RefusedObject(self._refusal(name)))

    def _refuse_module(self, module: types.ModuleType, name: str) -> None:
        """Refuse the public functions and classes of a module, but not what it imports."""
        for attribute, value in list(vars(module).items()):
            is_own = getattr(value, "__module__", None) == module.__name__
            # A function in C has no module.
            is_in_c = isinstance(value, types.BuiltinFunctionType)
            if attribute.startswith("_") or not (is_own or is_in_c):
                continue
            if not _is_immutable(value):
                self._refuse_attribute(module, attribute, f"{name}.{attribute}")

    def _refuse_class(self, target: type, name: str) -> None:
        """Refuse the methods of a class, so that a subclass without its own has them too."""
        members = list(vars(target).values())
        for member in members:
            if function := _python_function(member):
                self._refuse_function(function, name)
        constructor = vars(target).get("__init__")
        if not _python_function(constructor):
            self._replace(target, "__init__", self._refusal(name))

    def _refuse_function(self, function: types.FunctionType, name: str) -> None:
        refuse = self._refusal(name)
        for layer in _layers(function):
            original = layer.__code__
            layer.__code__ = _refusing_code(original, refuse)
            self._undo.append(functools.partial(setattr, layer, "__code__", original))

    def _replace(self, owner: Any, attribute: str, replacement: object) -> None:
        if attribute in vars(owner):
            original = vars(owner)[attribute]
            self._undo.append(functools.partial(setattr, owner, attribute, original))
        else:
            # It is inherited.
            self._undo.append(functools.partial(delattr, owner, attribute))
        setattr(owner, attribute, replacement)

    def _refuse_copies(self) -> None:
        """Refuse the same things in each module of torch that the submission loads again."""
        # A submission can remove a module from sys.modules and import it again.
        load = SourceFileLoader.exec_module

        def exec_module(loader: SourceFileLoader, module: types.ModuleType) -> None:
            load(loader, module)
            for target, name in self._targets.copy():
                original = sys.modules.get(target.__module__)
                file = getattr(original, "__file__", None)
                if file == loader.path and hasattr(module, target.__qualname__):
                    self._refuse_attribute(module, target.__qualname__, name)

        self._replace(SourceFileLoader, "exec_module", exec_module)

    # Autograd

    def _refuse_autograd(self) -> None:
        """Refuse autograd; also record no gradients, and refuse to record them again.

        Without a record, nothing can run backward: not even autograd's engine in C++, whose
        functions Python cannot replace.
        """
        switches = torch_internals.SWITCHES
        record = getattr(switches, torch_internals.SET_GRADIENTS)
        infer = getattr(switches, torch_internals.INFERENCE_MODE)
        refuse = self._refusal(AUTOGRAD)

        def guarded_record(enabled: bool) -> None:
            if enabled:
                refuse()
            # `with torch.set_grad_enabled(False)` switches when it is created, when it is entered
            # and when it ends. All other ways back and forth are two switches.
            if sys._getframe(1).f_code.co_name != "__enter__":  # noqa: SLF001
                self._switches += 1
            record(enabled)

        def guarded_infer(enabled: bool) -> Any:
            # To leave inference mode turns the recording on.
            return infer(enabled) if enabled else refuse()

        def without_record(start: Callable[..., Any]) -> Callable[..., Any]:
            def start_thread(function: Callable[..., object], *args: Any, **kwargs: Any) -> Any:
                def run(*args: Any, **kwargs: Any) -> None:
                    # Each thread records gradients at first.
                    record(False)
                    function(*args, **kwargs)

                return start(run, *args, **kwargs)

            return start_thread

        self._undo.append(functools.partial(record, torch.is_grad_enabled()))
        record(False)
        self._replace(switches, torch_internals.SET_GRADIENTS, guarded_record)
        self._replace(switches, torch_internals.INFERENCE_MODE, guarded_infer)
        for module in (threading, _thread):
            for name in _THREAD_STARTERS & vars(module).keys():
                self._replace(module, name, without_record(vars(module)[name]))
        for name in torch_internals.AUTOGRAD_NAMES:
            self._refuse(name)

    # Operators

    def _refuse_operator(self, name: str) -> None:
        namespace, _ = name.split("::")
        # Not ``torch.library.Library``, which refuses to replace some kernels, depending on the
        # version of torch.
        library = torch_internals.dispatch_library("IMPL", namespace, "", __file__, 0)
        self._undo.append(library.reset)
        refuse = self._refusal(name)
        overloads = _overloads(name)
        with warnings.catch_warnings():
            # torch warns about overrides.
            warnings.simplefilter("ignore")
            for overload in overloads:
                for key in _keys_with_kernel(overload):
                    library.impl(overload.split("::")[1], key, refuse)

        for overload in overloads:
            for decomposition in _decompositions().get(overload, []):
                self._refuse_function(decomposition, name)


class _RefusedProperty:
    """Stands for a property of a class; only torch and the grader still reach the original."""

    def __init__(self, original: Any, refuse: Callable[..., NoReturn]) -> None:
        self._original = original
        self._refuse = refuse

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is not None and not _is_trusted(sys._getframe(1)):  # noqa: SLF001
            self._refuse()
        return self._original.__get__(instance, owner)

    def __set__(self, instance: Any, value: object) -> None:
        if not _is_trusted(sys._getframe(1)):  # noqa: SLF001
            self._refuse()
        self._original.__set__(instance, value)


class _RefusedObject:
    """Stands for an object that is no function: every use of it is refused."""

    def __init__(self, refuse: Callable[..., NoReturn]) -> None:
        self._refuse = refuse

    def __getattr__(self, name: str) -> NoReturn:
        # Python and torch ask any object for these.
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()

    def __getitem__(self, index: object) -> NoReturn:
        self._refuse()


def problem_of(name: str) -> str | None:
    """Return why the grader cannot refuse the forbidden ``name``, as a predicate, or None."""
    if "::" in name:
        return None if _overloads(name) else "does not exist"

    try:
        owner, attribute = _locate(name)
        target = _attribute(owner, attribute)
    except (AttributeError, ImportError):
        return "does not exist"

    if isinstance(target, type) and _is_immutable(target):
        return "is a built-in type, whose use the grader cannot refuse"
    if isinstance(target, _PLAIN_VALUES):
        return "is a value, whose use the grader cannot refuse"

    return None


def open_methods(forbidden: Iterable[str]) -> dict[str, str]:
    """Return the functions of ``forbidden`` whose method a submission can still call.

    Each maps to the operator that both call: ``torch.clamp`` to ``aten::clamp``, for ``x.clamp()``.
    """
    names = list(forbidden)
    operators = {name.partition(".")[0] for name in names if "::" in name}
    found = {}
    for name in names:
        if "::" in name:
            continue
        method = name.rpartition(".")[2]
        operator = f"aten::{method}"
        # The method itself may be forbidden, too.
        is_closed = operator in operators or f"torch.Tensor.{method}" in names
        if is_closed or not callable(getattr(torch.Tensor, method, None)):
            continue
        if _overloads(operator):
            found[name] = operator

    return found


def own_frames(
    stack: Iterable[tuple[types.FrameType, int | None]], folder: str
) -> list[wire.Frame]:
    """Return the frames of files in ``folder``: the innermost ones, as many as a message allows."""
    frames = []
    for frame, line in stack:
        code = frame.f_code
        directory, file = os.path.split(code.co_filename)
        if directory == folder:
            # A submission can give both any name.
            file = file[: wire.MAX_PATH]
            function = code.co_name[: wire.MAX_NAME]
            frames.append(wire.Frame(file, line or 0, function))

    return frames[-wire.MAX_FRAMES :]


def _locate(path: str) -> tuple[Any, str]:
    """Return what has the last part of ``torch.some.name`` as an attribute, and this part."""
    owner: Any = torch
    *parents, attribute = path.split(".")[1:]
    for part in parents:
        owner = getattr(_imported(owner, part), part)
    return _imported(owner, attribute), attribute


def _imported(owner: Any, part: str) -> Any:
    """Return ``owner`` after importing its submodule ``part``, if it is one."""
    if isinstance(owner, types.ModuleType) and not hasattr(owner, part):
        importlib.import_module(f"{owner.__name__}.{part}")
    return owner


def _attribute(owner: Any, attribute: str) -> Any:
    """Return an attribute; of a class, the property or method as the class has it."""
    if isinstance(owner, type):
        return inspect.getattr_static(owner, attribute)
    return getattr(owner, attribute)


def _is_trusted(caller: types.FrameType) -> bool:
    return caller.f_code.co_filename.startswith(_TRUSTED_FOLDERS)


def _is_immutable(target: Any) -> bool:
    return isinstance(target, type) and bool(target.__flags__ & _IMMUTABLE_TYPE)


def _python_function(member: Any) -> types.FunctionType | None:
    """Return the Python function behind a function, method or property, or None."""
    if isinstance(member, staticmethod | classmethod):
        member = member.__func__
    elif isinstance(member, property):
        member = member.fget
    return member if isinstance(member, types.FunctionType) else None


def _layers(function: types.FunctionType) -> Iterator[types.FunctionType]:
    """Yield a function and those that its decorators wrapped."""
    layer: Any = function
    while isinstance(layer, types.FunctionType):
        yield layer
        layer = getattr(layer, "__wrapped__", None)


def _template(*args: Any, **kwargs: Any) -> Any:
    refuse: Any = "the function that refuses"
    return refuse(*args, **kwargs)


# A callable takes the place of this constant.
assert _REFUSAL in _template.__code__.co_consts


def _refusing_code(code: types.CodeType, refuse: Callable[..., NoReturn]) -> types.CodeType:
    """Return code that calls ``refuse``, for the function that now has ``code``.

    The callable is a constant of the code, so that the function's module needs no name for it.
    """
    template = _template.__code__
    constants: Any = tuple(
        refuse if constant == _REFUSAL else constant for constant in template.co_consts
    )
    return template.replace(
        co_consts=constants,
        # A function keeps its closure, which must fit the code.
        co_freevars=code.co_freevars,
        co_name=code.co_name,
    )


def _overloads(name: str) -> list[str]:
    """Return the operators that ``namespace::operator`` or ``namespace::operator.overload`` means.

    Without an overload, it means all of them.
    """
    overload = f"{name}."
    return [one for one in _operators() if one == name or one.startswith(overload)]


@functools.cache
def _operators() -> list[str]:
    names: list[str] = torch_internals.operator_names()
    return names


@functools.cache
def _keys_with_kernel(overload: str) -> list[str]:
    """Return the dispatch keys for which torch has a kernel (c10/core/DispatchKey.h)."""
    return [key for key in _DISPATCH_KEYS if torch_internals.has_kernel(overload, key)]


@functools.cache
def _decompositions() -> dict[str, list[types.FunctionType]]:
    """Return torch's Python implementations of operators, which tracing and ``compile`` use."""
    found: dict[str, list[types.FunctionType]] = {}
    for table in torch_internals.decompositions.values():
        for operator, implementation in table.items():
            function = _python_function(implementation)
            # The tables have other kinds of operators too.
            if function and isinstance(operator, OpOverload):
                name = operator.name()  # type: ignore[no-untyped-call]
                found.setdefault(name, []).append(function)

    return found


def _dispatch_keys() -> list[str]:
    """Return the names of all keys for which kernels can be registered."""
    keys = []
    for name in DispatchKey.__members__:
        try:
            torch_internals.has_kernel("aten::add.Tensor", name)
        except RuntimeError:
            # It only marks the start or end of a range.
            continue
        keys.append(name)

    return keys


_DISPATCH_KEYS = _dispatch_keys()
