"""Facts about exceptions: what their messages mean, in words for the learner."""

import builtins
import re
from typing import Final

import torch

from grader.examiner.facts import Fact
from grader.examiner.submission_run import Exchange
from grader.sandbox import wire

_ANY_RANK: Final = "The argument has another number of dimensions in this call."
# Pattern of the exception's message to the name of a fact and its sentence. Groups are filled in.
_MESSAGES: Final[tuple[tuple[str, str, str], ...]] = (
    (
        r"(?:not enough|too many) values to unpack \(expected (\d+)",
        "fixed_rank",
        "Your code unpacks exactly {0} values in this line, but there are more or fewer of them.",
    ),
    (
        r"einsum\(\): the number of subscripts .*\((\d+)\) does not match .*\((\d+)\)",
        "fixed_rank",
        "Your equation has {0} letters for an argument with {1} dimensions.",
    ),
    (
        (
            r"(?:must be|expected) (?:a matrix|matrices)|(1D|2-D|2D|3D|3-D) tensors? expected"
            r"|must be a? ?(?:2|3)-?D|batch1 must be|expected a 1-D|(?:1|2|3)D tensors expected"
        ),
        "fixed_rank",
        "The function that your code calls takes one number of dimensions only. " + _ANY_RANK,
    ),
    (
        r"Index is supposed to be a vector",
        "fixed_rank",
        (
            "The function that your code calls takes ids with one dimension. `reshape(-1)` brings "
            "them to one; what belongs to them must have one row per id."
        ),
    ),
    (
        r"Expected target size",
        "fixed_rank",
        (
            "PyTorch's loss takes the classes in dimension 1 if there are three dimensions or "
            "more. With one dimension of ids, they are the last dimension."
        ),
    ),
    (
        r"tuple index out of range|Dimension out of range|Dimension specified as",
        "fixed_rank",
        "Your code asks for a dimension that the tensor does not have. " + _ANY_RANK,
    ),
    (
        r"iteration over a 0-d|len\(\) of a 0-d|of a 0-dim tensor|too many indices for",
        "fixed_rank",
        "This line needs a tensor with more dimensions than it has in this call.",
    ),
    (
        r"mat1 and mat2 shapes cannot be multiplied \((\d+x\d+) and (\d+x\d+)\)",
        "sizes_do_not_fit",
        (
            "Your code multiplies a {0} matrix by a {1} matrix: the second number of the first and "
            "the first number of the second must be equal."
        ),
    ),
    (
        r"stack expects each tensor to be equal size, but got (\[.*?\]) at entry 0 and (\[.*?\])",
        "sizes_do_not_fit",
        "Your code stacks tensors of different shapes, such as {0} and {1}.",
    ),
    (
        r"got torch\.return_types\.(\w+)",
        "values_and_indices",
        "`{0}` with a dimension returns two tensors, `.values` and `.indices`.",
    ),
    (
        r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\)",
        "sizes_do_not_fit",
        "Your code combines two tensors that have the sizes {0} and {1} in one dimension.",
    ),
    (
        (
            r"size mismatch|inconsistent tensor size|shape mismatch|invalid for input of size"
            r"|Expected size for first two dimensions|must match"
        ),
        "sizes_do_not_fit",
        "The sizes of the tensors in this line do not fit together.",
    ),
    (
        r"self \((\w+)\) and source \((\w+)\) must have the same scalar type",
        "dtypes_mixed",
        "This line puts {1} numbers into a {0} tensor; both must have the same dtype.",
    ),
    (
        r"Class values must be smaller than num_classes",
        "index_out_of_range",
        "`one_hot` got an id that is not below its number of classes, the second argument.",
    ),
    (
        r"tensors used as indices",
        "dtype_refused",
        "An index is a tensor of whole numbers. The one in this line has another dtype.",
    ),
    (
        (
            r"(?:have the same dtype|expected scalar type|expected dtype"
            r"|scalar types: Long|only applicable to index tensor|index.*(?:int64|int32)"
            r"|dtype mismatch|must have the same dtype|same type)"
        ),
        "dtype_refused",
        "The dtype of a tensor in this line is not one that PyTorch accepts there.",
    ),
    (
        r"Got unsupported ScalarType (\w+)",
        "dtype_refused",
        "NumPy has no {0}. Compute with tensors instead of arrays.",
    ),
    (
        r"Index tensor must have the same number of dimensions as",
        "fixed_rank",
        "The index must have as many dimensions as the tensor that this line reads or writes.",
    ),
    (
        r"cannot assign '[\w.]+' as parameter '(\w+)'",
        "no_parameter",
        "`{0}` is a parameter of a module, which takes only an `nn.Parameter`.",
    ),
    (
        r"view size is not compatible",
        "view_refused",
        (
            "Your code calls `view` on a tensor that is not contiguous, for example a transposed "
            "one. `reshape` accepts such a tensor, too."
        ),
    ),
    (
        (
            r"before Module\.__init__\(\) call|has no attribute '_(?:parameters|modules|buffers"
            r"|backward_hooks|backward_pre_hooks|forward_hooks|forward_pre_hooks)'"
        ),
        "module_not_initialized",
        (
            "Your module has none of what `nn.Module.__init__` creates. Call "
            "`super().__init__()` first in your `__init__`."
        ),
    ),
    (
        r"does not require grad and does not have a grad_fn",
        "no_gradient",
        "No gradient can be computed, because the result is not part of a graph of autograd.",
    ),
    (
        r"leaf Variable that requires grad is being used in an in-place|view of a leaf",
        "leaf_written",
        (
            "Your code writes into a tensor that requires a gradient, while autograd records. "
            "Write under `torch.no_grad()`."
        ),
    ),
    (
        r"[Ii]ndex(?: -?\d+)? (?:is )?out of (?:range|bounds)|index out of range",
        "index_out_of_range",
        "Your code uses an index for which the tensor or list has no entry.",
    ),
    (
        (
            r"(?:only one element tensors|only 0-dim|a Tensor with \d+ elements cannot be converted"
            r"|value of Tensor with more than one value is ambiguous"
            r"|only integer tensors of a single)"
        ),
        "tensor_as_number",
        "Your code uses a tensor of several numbers where one number is needed.",
    ),
    (
        r"Expected all tensors to be on the same device",
        "devices_mixed",
        "The tensors in this line are on different devices.",
    ),
    (
        r"'Tensor' object is not callable",
        "tensor_called",
        "This line calls a tensor like a function. To index it, use brackets, as in `table[0]`.",
    ),
    (
        r"\bNoneType\b",
        "none_used",
        (
            "A value that is used here is None, for example an argument, or the result of a "
            "function without `return`."
        ),
    ),
)
_NO_ATTRIBUTE: Final = re.compile(r"'(\w+)' object has no attribute '(\w+)'")
# Learner code writes the message, and a long one would make the patterns slow.
_MAX_MESSAGE: Final = 2000


def of_exception(exchange: Exchange) -> Fact | None:
    """A fact about an exception, from the message of Python or PyTorch."""
    reply = exchange.reply
    assert isinstance(reply, wire.Raised)
    if reply.exception == "NotImplementedError":
        # Nothing is written yet.
        return None

    message = reply.message[:_MAX_MESSAGE]
    for pattern, name, sentence in _MESSAGES:
        match = re.search(pattern, message)
        if match is not None:
            # A group in an alternative that did not match is None.
            groups = [group or "" for group in match.groups()]
            said = sentence.format(*groups)
            if name == "none_used":
                said += _arguments_that_are_none(exchange)
            return Fact(name, said)

    match = _NO_ATTRIBUTE.search(message)
    if match is None:
        return None

    kind, attribute = match.groups()
    if hasattr(torch.nn.Module, attribute):
        return Fact("no_module", f"`{kind}` has no `{attribute}`, which every `nn.Module` has.")
    # Only a class of the learner's own can get another attribute.
    if kind.islower() or kind == "Parameter" or hasattr(builtins, kind) or hasattr(torch, kind):
        return None
    return Fact(
        "no_attribute",
        f"Your `{kind}` has no `{attribute}`. Set `self.{attribute}` in `__init__`, or correct the "
        "name.",
    )


def _arguments_that_are_none(exchange: Exchange) -> str:
    names = [f"`{name}`" for name, value in exchange.given.items() if value is None]
    if not names:
        return ""
    verb = "is" if len(names) == 1 else "are"
    return f" In this call, {' and '.join(names)} {verb} None."
