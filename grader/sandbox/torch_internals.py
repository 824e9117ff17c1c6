"""All that the grader uses of PyTorch without a promise that the next version still has it.

Whoever moves the grader to another version of PyTorch reads this file first. No other module
imports a private name of torch.
"""

import re
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

import torch
from torch import _C
from torch._C import DispatchKey
from torch._decomp import global_decomposition_table as decompositions
from torch._ops import OpOverload

__all__ = ["DispatchKey", "OpOverload", "decompositions"]

# Operators, and the kernels that compute them.
operator_names = _C._dispatch_get_all_op_names
has_kernel = _C._dispatch_has_kernel_for_dispatch_key
dispatch_library = _C._dispatch_library

# How many modes of this thread see operators, and how many see functions.
dispatch_modes = _C._len_torch_dispatch_stack
function_modes = _C._len_torch_function_stack

# Settings, and the functions in C that read them. The public way to read one calls up to three
# functions in Python.
_GETTERS: Final = {
    "float32_matmul_precision": "_get_float32_matmul_precision",
    "warn_always": "_get_warnAlways",
    "check_sparse_tensor_invariants": "_check_sparse_tensor_invariants",
    "fill_uninitialized_memory": "_get_deterministic_fill_uninitialized_memory",
    "torch.backends.cudnn.enabled": "_get_cudnn_enabled",
    "torch.backends.cudnn.benchmark": "_get_cudnn_benchmark",
    "torch.backends.cudnn.deterministic": "_get_cudnn_deterministic",
    "torch.backends.cudnn.allow_tf32": "_get_cudnn_allow_tf32",
    "torch.backends.mkldnn.enabled": "_get_mkldnn_enabled",
    "torch.backends.mkldnn.deterministic": "_get_mkldnn_deterministic",
    "torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction": (
        "_get_cublas_allow_fp16_reduced_precision_reduction"
    ),
    "torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction": (
        "_get_cublas_allow_bf16_reduced_precision_reduction"
    ),
}

are_deterministic = _C._get_deterministic_algorithms
is_deterministic_warn_only = _C._get_deterministic_algorithms_warn_only
# The public function imports torch's compiler first, which takes 2 s in every process.
set_deterministic = _C._set_deterministic_algorithms

SWITCHES: Final[ModuleType] = _C
"""The module with the functions that turn the recording of gradients on and off."""
SET_GRADIENTS: Final = "_set_grad_enabled"
INFERENCE_MODE: Final = "_InferenceMode"
AUTOGRAD_NAMES: Final = (
    "torch.autograd.grad",
    "torch.autograd.backward",
    "torch.autograd.Variable._execution_engine",
    "torch.Tensor.grad_fn",
    # In forward mode.
    "aten::_make_dual",
)
"""What autograd consists of, besides its modules."""

COMPILER_FILTER: Final = ("ignore", None, UserWarning, re.compile("torch.distributed"), 0)
"""The filter of warnings that a compiled function adds with torch 2.6 and 2.8, not with 2.10."""


def getter(setting: str, public: Callable[[], Any]) -> Callable[[], Any]:
    """Return the function in C that reads a setting, or ``public`` if there is none."""
    found: Callable[[], Any] = getattr(_C, _GETTERS.get(setting, ""), public)
    return found


def print_options() -> dict[str, Any]:
    """Return how tensors are printed; torch has a public function only for setting it."""
    # torch's own function copies each option with its contents, which takes ten times as long.
    return vars(torch._tensor_str.PRINT_OPTS).copy()


def changes(tensor: torch.Tensor) -> int:
    """Return how often ``tensor`` was changed in place."""
    return tensor._version


def is_view(tensor: torch.Tensor) -> bool:
    """Whether ``tensor`` shares the memory of another tensor, as a slice does."""
    return tensor._is_view()


def hooks(tensor: torch.Tensor) -> tuple[int, ...]:
    """Return the numbers of the hooks that change or read the gradient of ``tensor``."""
    before, after = tensor._backward_hooks, tensor._post_accumulate_grad_hooks
    # Both are None until the first hook is registered.
    if before is None and after is None:
        return ()
    return (*(before or ()), *(after or ()))
