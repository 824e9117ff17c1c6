"""The settings of PyTorch that a submission could change and that only need to be set back.

``side_effects`` compares them around each call. All of them together are read in a few µs.
Code that sets one of them to its usual value shows only where it has another one, so a call is
also tried with ``OTHERS``.
"""

import functools
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import torch

from grader.sandbox import torch_internals

# The smallest positive float. It is zero for a processor that flushes such numbers.
_SMALLEST: Final = 5e-324
_AUTOCAST_DEVICES: Final = ("cpu", "cuda")
# Attributes below torch.backends, which are settings themselves.
_BACKENDS: Final = (
    "fp32_precision",
    "cudnn.enabled",
    "cudnn.benchmark",
    "cudnn.deterministic",
    "cudnn.allow_tf32",
    "mkldnn.enabled",
    "mkldnn.deterministic",
    "cuda.matmul.allow_fp16_reduced_precision_reduction",
    "cuda.matmul.allow_bf16_reduced_precision_reduction",
)


class Setting(NamedTuple):
    """A setting under the name that a message gives it."""

    name: str
    read: Callable[[], Any]
    write: Callable[[Any], object]


def current() -> tuple[Any, ...]:
    """Return the values of all ``SETTINGS``."""
    try:
        return tuple([read() for read in _READERS])
    except RuntimeError:
        return tuple([_value(setting) for setting in SETTINGS])


def differences(before: tuple[Any, ...], now: tuple[Any, ...]) -> list[str]:
    """Return the names of the settings that differ."""
    return [
        setting.name
        for setting, one, other in zip(SETTINGS, before, now, strict=True)
        if one != other
    ]


def restore(before: tuple[Any, ...], now: tuple[Any, ...]) -> None:
    """Set back what is different ``now``."""
    for setting, one, other in zip(SETTINGS, before, now, strict=True):
        if one != other:
            setting.write(one)


def use_others() -> None:
    """Give each setting in ``OTHERS`` its value there."""
    for setting, value in OTHERS:
        setting.write(value)


def _value(setting: Setting) -> Any:
    try:
        return setting.read()
    except RuntimeError:
        # PyTorch refuses to name one precision if several functions have set different ones.
        return RuntimeError


def _flushes_denormals() -> bool:
    return _SMALLEST * 1.0 == 0.0


def _anomaly() -> tuple[bool, bool]:
    return torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()


def _autocast() -> list[Setting]:
    """Return the settings of autocast, all under one name."""
    settings = [
        Setting("autocast", torch.is_autocast_cache_enabled, torch.set_autocast_cache_enabled)
    ]
    for read, write in (
        (torch.is_autocast_enabled, torch.set_autocast_enabled),
        (torch.get_autocast_dtype, torch.set_autocast_dtype),
    ):
        for device in _AUTOCAST_DEVICES:
            of_device = functools.partial(read, device), functools.partial(write, device)
            settings.append(Setting("autocast", *of_device))
    return settings


def _set_sparse_checks(is_on: bool) -> None:
    checks = torch.sparse.check_sparse_tensor_invariants
    if is_on:
        checks.enable()  # type: ignore[no-untyped-call]
    else:
        checks.disable()  # type: ignore[no-untyped-call]


def _backend(path: str) -> Setting | None:
    """Return the setting torch.backends.``path``; None if this version of PyTorch lacks it."""
    *parents, attribute = path.split(".")
    owner: Any = torch.backends
    for parent in parents:
        owner = getattr(owner, parent)
    if not hasattr(owner, attribute):
        return None
    return Setting(
        f"torch.backends.{path}",
        functools.partial(getattr, owner, attribute),
        functools.partial(setattr, owner, attribute),
    )


def _settings() -> tuple[Setting, ...]:
    functions = [
        Setting(
            "float32_matmul_precision",
            torch.get_float32_matmul_precision,
            torch.set_float32_matmul_precision,
        ),
        Setting("flush_denormal", _flushes_denormals, torch.set_flush_denormal),
        Setting(
            "printoptions",
            torch_internals.print_options,
            lambda options: torch.set_printoptions(**options),  # type: ignore[no-untyped-call]
        ),
        Setting("warn_always", torch.is_warn_always_enabled, torch.set_warn_always),
        Setting("anomaly_enabled", _anomaly, lambda pair: torch.set_anomaly_enabled(*pair)),
        Setting(
            "fastpath_enabled",
            torch.backends.mha.get_fastpath_enabled,
            torch.backends.mha.set_fastpath_enabled,
        ),
        Setting(
            "check_sparse_tensor_invariants",
            torch.sparse.check_sparse_tensor_invariants.is_enabled,
            _set_sparse_checks,
        ),
        Setting(
            "fill_uninitialized_memory",
            functools.partial(getattr, torch.utils.deterministic, "fill_uninitialized_memory"),
            functools.partial(setattr, torch.utils.deterministic, "fill_uninitialized_memory"),
        ),
        Setting(
            "swap_module_params_on_conversion",
            torch.__future__.get_swap_module_params_on_conversion,
            torch.__future__.set_swap_module_params_on_conversion,
        ),
    ]
    backends = [setting for path in _BACKENDS if (setting := _backend(path))]
    settings = []
    for setting in (*functions, *_autocast(), *backends):
        # They are read around each call.
        quick = torch_internals.getter(setting.name, setting.read)
        settings.append(setting._replace(read=quick))
    return tuple(settings)


SETTINGS: Final = _settings()
_READERS: Final = [setting.read for setting in SETTINGS]

# Values that change no result and cost no time.
_OTHER_VALUES: Final = {
    "float32_matmul_precision": "high",
    "warn_always": True,
    "fastpath_enabled": False,
    "check_sparse_tensor_invariants": True,
    "swap_module_params_on_conversion": True,
    "torch.backends.cudnn.benchmark": True,
}
OTHERS: Final = [
    (setting, _OTHER_VALUES[setting.name]) for setting in SETTINGS if setting.name in _OTHER_VALUES
]
