"""Facts about exceptions: what their messages mean, in words for the learner."""

import builtins
import re
from typing import Final

import torch

from grader.examiner.facts import Fact
from grader.examiner.submission_run import Exchange
from grader.sandbox import wire

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
        (
            "The function that your code calls in this line takes tensors of one number of "
            "dimensions only. In this call, one of them has more or fewer."
        ),
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
        r"tuple index out of range",
        "fixed_rank",
        "Your code asks for an item that a tuple, such as the shape of a tensor, does not have.",
    ),
    (
        r"Dimension out of range|Dimension specified as",
        "fixed_rank",
        "Your code asks for a dimension that the tensor in this line does not have in this call.",
    ),
    (
        r"iteration over a 0-d|len\(\) of a 0-d|of a 0-dim tensor",
        "fixed_rank",
        "This line needs a tensor with more dimensions than it has in this call.",
    ),
    (
        r"too many indices for tensor of dimension (\d+)",
        "fixed_rank",
        (
            "Your code uses more indices in this line than the tensor has dimensions: {0}. A tuple "
            "or a list of lists counts as several indices, one for each dimension."
        ),
    ),
    (
        r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)",
        "sizes_do_not_fit",
        (
            "Your code multiplies a {0}x{1} matrix by a {2}x{3} matrix. The first one has {1} "
            "columns and the second one {2} rows; these two numbers must be equal."
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
            "Your code writes into a tensor that requires a gradient, or into a view of one, while "
            "autograd records."
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
# What the sentences call the learner's code.
_ABOUT_CODE: Final = re.compile(r"\b(?:your code|this line)\b", re.IGNORECASE)
_TENSOR_GIVEN: Final = (
    "Your code gives a tensor where something is needed that can be called, such as a layer."
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
            if name == "leaf_written":
                said += _what_to_do_with_leaf(exchange)
            # Without a frame of the learner, something that called their code raised it.
            if not reply.frames and _ABOUT_CODE.search(said):
                return Fact(name, _TENSOR_GIVEN) if name == "tensor_called" else None
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


def _what_to_do_with_leaf(exchange: Exchange) -> str:
    """What to do in place of writing into a tensor that requires a gradient.

    It can be an argument, which must not change in most exercises.
    """
    names = [
        f"`{name}`"
        for name, value in exchange.given.items()
        if isinstance(value, wire.Tensor) and value.requires_grad
    ]
    if names:
        verb = "requires" if len(names) == 1 else "require"
        return (
            f" In this call, {' and '.join(names)} {verb} one. To leave an argument as it is, "
            "compute a new tensor."
        )
    return " If that tensor may change, write under `torch.no_grad()`."
