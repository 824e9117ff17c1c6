"""Converts values to wire data and back. Only this module converts tensors to bytes.

Both sides use it. On the untrusted side, ``encode`` gets anything that learner code
returns. On the trusted side, ``decode`` gets anything that arrives. Neither calls a
method that a learner's class could define.
"""

import ctypes
import math
from collections.abc import Callable
from typing import Any

import torch

from grader.errors import WireError
from grader.sandbox import wire

_DTYPE_NAMES = (
    "bool uint8 int8 int16 int32 int64 uint16 uint32 uint64"
    " float16 bfloat16 float32 float64 complex64 complex128 float8_e4m3fn float8_e5m2"
)
# Old versions of torch lack some of them.
DTYPES: dict[str, torch.dtype] = {
    name: getattr(torch, name) for name in _DTYPE_NAMES.split() if hasattr(torch, name)
}
_NAMES = {dtype: name for name, dtype in DTYPES.items()}
MAX_DEPTH = 32
# In one dictionary, and in all dictionaries of a value. A submission can choose keys that collide,
# and each key is then compared with all others.
MAX_ENTRIES = 1000
MAX_ALL_ENTRIES = 10_000
MAX_TENSOR_BYTES = 12 * 2**20
# All tensors of a value. A tensor takes more than a kilobyte, whatever its size.
MAX_TENSORS = 1000
# Elements of all tensors of a value: checks convert them to types of up to 16 bytes.
MAX_ELEMENTS = 4 * 2**20
# Bytes of all texts of a value, which can take four times as much memory.
MAX_TEXT = wire.MAX_TEXT
# What an item and a tensor take at most, besides their bytes on the wire.
_ITEM_BYTES = 100
_TENSOR_BYTES = 1500
# Text and tensors of one value together. The rest of a frame is for everything else.
MAX_BYTES = 14 * 2**20
# The types of keys. Keys of other types can take long to hash and to compare.
KEYS = (type(None), bool, int, float, str)
_INT64 = range(-(2**63), 2**63)


class _TooLargeError(Exception):
    """The value does not fit a frame, or it is nested too deep."""


class _Budget:
    """What may still be converted of one value. Both directions use the same limits."""

    # Attributes of the class, because most values use up only two or three of them.
    items = wire.MAX_ITEMS
    bytes = MAX_BYTES
    entries = MAX_ALL_ENTRIES
    tensors = MAX_TENSORS
    elements = MAX_ELEMENTS
    text = MAX_TEXT

    @property
    def memory(self) -> int:
        """An upper bound for the bytes of what was converted, without texts and tensors."""
        items = wire.MAX_ITEMS - self.items
        tensors = MAX_TENSORS - self.tensors
        return items * _ITEM_BYTES + tensors * _TENSOR_BYTES

    def spend(self, size: int, depth: int) -> None:
        """Take one item off, which has ``size`` bytes."""
        self.items -= 1
        self.bytes -= size
        if self.items < 0 or self.bytes < 0 or depth > MAX_DEPTH:
            raise _TooLargeError

    def spend_tensor(self, elements: int, size: int) -> None:
        """Take one tensor off; its item is already taken."""
        self.tensors -= 1
        self.elements -= elements
        self.bytes -= size
        if self.tensors < 0 or self.elements < 0 or self.bytes < 0:
            raise _TooLargeError

    def spend_text(self, size: int) -> None:
        """Take a text of ``size`` bytes off."""
        self.text -= size
        if self.text < 0:
            raise _TooLargeError

    def allows_entries(self, count: int) -> bool:
        """Take the entries of one dictionary off; return whether it may have that many."""
        self.entries -= count
        return count <= MAX_ENTRIES and self.entries >= 0


def encode(value: Any) -> wire.Value:
    """Return ``value`` as wire data.

    What cannot be sent becomes a ``wire.Opaque`` that describes it.
    """
    try:
        return _encode(value, 0, _Budget())
    except _TooLargeError:
        return wire.Opaque(f"{_describe(type(value))}, nested too deep or too large to send")


def _encode(value: Any, depth: int, budget: _Budget) -> wire.Value:
    budget.spend(0, depth)
    # Not isinstance, which believes a false ``__class__``, and not ``==``, which a metaclass can
    # define.
    kind = type(value)
    # First, because most values are tensors.
    if kind is torch.Tensor or kind is torch.nn.Parameter:
        tensor = encode_tensor(value)
        if isinstance(tensor, wire.Tensor):
            budget.spend_tensor(math.prod(tensor.shape), len(tensor.data))
        return tensor

    if value is None or kind is bool or kind is float:
        return value  # type: ignore[no-any-return]

    if kind is int:
        if value not in _INT64:
            return wire.Opaque("an int of more than 64 bits")
        return value  # type: ignore[no-any-return]

    if kind is str:
        return _encode_text(value, budget)

    if kind is torch.dtype and value in _NAMES:
        return wire.Dtype(_NAMES[value])

    # The methods of the built-in classes, because a subclass can override them.
    if issubclass(kind, tuple):
        items = tuple.__iter__(value)
        return wire.Tuple([_encode(item, depth + 1, budget) for item in items])

    if issubclass(kind, list):
        items = list.__iter__(value)
        return wire.List([_encode(item, depth + 1, budget) for item in items])

    if issubclass(kind, dict):
        return _encode_dictionary(value, depth, budget)

    return wire.Opaque(_describe(kind))


def _encode_text(text: str, budget: _Budget) -> str | wire.Opaque:
    # A character takes at least one byte.
    if len(text) > MAX_TEXT:
        raise _TooLargeError

    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return wire.Opaque("a str with a lone surrogate")

    budget.spend_text(size)
    return text


def _encode_dictionary(value: dict[Any, Any], depth: int, budget: _Budget) -> wire.Value:
    kind = _describe(type(value))
    count = dict.__len__(value)
    if not budget.allows_entries(count):
        return wire.Opaque(f"{kind} with too many entries to send")

    pairs: list[tuple[wire.Value, wire.Value]] = []
    for key, item in dict.items(value):
        encoded = _encode(key, depth + 1, budget)
        if not isinstance(encoded, KEYS):
            return wire.Opaque(f"{kind} with keys that cannot be sent")
        encoded_item = _encode(item, depth + 1, budget)
        pairs.append((encoded, encoded_item))

    return wire.Dict(pairs)


def encode_tensor(tensor: torch.Tensor) -> wire.Tensor | wire.Opaque:
    """Return a dense tensor as bytes.

    Sparse, quantized, meta and large tensors become ``Opaque``.
    """
    if tensor.layout is not torch.strided or tensor.is_nested:
        return wire.Opaque(f"a tensor with layout {tensor.layout}")

    dtype = _NAMES.get(tensor.dtype)
    if dtype is None:
        return wire.Opaque(f"a tensor with dtype {tensor.dtype}")
    if tensor.is_meta:
        return wire.Opaque("a meta tensor, which has a shape but no values")

    shape = list(tensor.shape)
    elements = tensor.numel()
    size = tensor.nbytes
    # An expanded view can have more elements than memory.
    is_large = size > MAX_TENSOR_BYTES or elements > MAX_ELEMENTS
    if len(shape) > wire.MAX_DIMENSIONS or is_large:
        described = f"a tensor of shape {tuple(shape)}"[: wire.MAX_NAME]
        return wire.Opaque(f"{described}, too large to send")

    data = memory_of(tensor)
    if data is None:
        plain = tensor.detach().resolve_conj().resolve_neg().cpu().contiguous()
        data = memory_of(plain)
        if data is None:
            # PyTorch has not allocated the memory of this tensor of zeros yet.
            data = memory_of(plain.clone())
    if data is None:
        return wire.Opaque("a tensor without memory, which only stands for another one")

    is_contiguous = tensor.is_contiguous()
    return wire.Tensor(
        dtype=dtype,
        shape=shape,
        data=data,
        device="cpu" if tensor.is_cpu else str(tensor.device),
        requires_grad=tensor.requires_grad,
        strides=None if is_contiguous else list(tensor.stride()),
    )


def memory_of(tensor: torch.Tensor) -> bytes | None:
    """Return the bytes of a tensor whose elements lie in order in memory; None for any other."""
    is_plain = tensor.is_cpu and tensor.is_contiguous()
    if not is_plain or tensor.is_conj() or tensor.is_neg():
        return None

    size = tensor.nbytes
    if not size:
        return b""
    pointer = tensor.data_ptr()
    # Without memory, the pointer of a slice is not 0 but the place where the slice begins.
    if pointer == tensor.storage_offset() * tensor.element_size():
        return None
    # PyTorch's own methods need NumPy, which may not be installed.
    return ctypes.string_at(pointer, size)


def decode(value: wire.Value) -> Any:
    """Return wire data as Python values; an ``Opaque`` stays as it is.

    Raises ``WireError`` for a tensor whose parts don't match, and for a value that
    ``encode`` would not send.
    """
    return decode_and_measure(value)[0]


def decode_and_measure(value: wire.Value) -> tuple[Any, int]:
    """Return the same as ``decode``, and a bound for its memory without texts and tensors."""
    return _decode_all(value, decode_tensor)


def decode_argument(value: wire.Value) -> Any:
    """Return an argument of a call, on the untrusted side.

    Unlike ``decode``, this gives tensors the device and the strides that they have on the
    trusted side.
    """
    return _decode_all(value, _decode_argument_tensor)[0]


def _decode_all(
    value: wire.Value, tensor: Callable[[wire.Tensor], torch.Tensor]
) -> tuple[Any, int]:
    budget = _Budget()
    try:
        decoded = _decode(value, 0, budget, tensor)
    except _TooLargeError:
        raise WireError("a value is larger or deeper than allowed") from None

    return decoded, budget.memory


def _decode(
    value: wire.Value,
    depth: int,
    budget: _Budget,
    tensor: Callable[[wire.Tensor], torch.Tensor],
) -> Any:
    budget.spend(0, depth)
    # First, because most values are tensors.
    if type(value) is wire.Tensor:
        if value.shape and min(value.shape) < 0:
            raise WireError("a tensor has an impossible shape")
        budget.spend_tensor(math.prod(value.shape), len(value.data))
        return tensor(value)

    def decode_item(item: wire.Value) -> Any:
        return _decode(item, depth + 1, budget, tensor)

    match value:
        case str():
            # A character takes at least one byte, and its frame limits the rest.
            budget.spend_text(len(value))
            return value
        case wire.Tuple(items=items):
            return tuple(map(decode_item, items))
        case wire.List(items=items):
            return list(map(decode_item, items))
        case wire.Dict(items=pairs):
            if not budget.allows_entries(len(pairs)):
                raise _TooLargeError
            decoded = {}
            for key, item in pairs:
                if not isinstance(key, KEYS):
                    raise WireError("a dictionary has a key of a wrong type")
                decoded[decode_item(key)] = decode_item(item)
            return decoded
        case wire.Dtype(name=name):
            if name not in DTYPES:
                raise WireError("a dtype does not exist")
            return DTYPES[name]

    return value


def _decode_argument_tensor(value: wire.Tensor) -> torch.Tensor:
    tensor = decode_tensor(value, value.device, inside=True)
    if value.strides is None:
        return tensor

    # A dimension with stride 0 repeats one element, so only that element is written.
    sizes = []
    for size, stride in zip(value.shape, value.strides, strict=True):
        sizes.append(1 if stride == 0 else size)
    base = torch.empty_strided(sizes, value.strides, dtype=tensor.dtype, device=tensor.device)
    if sizes == value.shape:
        return base.copy_(tensor.detach()).requires_grad_(value.requires_grad)

    parts = tuple(slice(size) for size in sizes)
    base.copy_(tensor.detach()[parts])
    return base.expand(value.shape).requires_grad_(value.requires_grad)


def decode_tensor(value: wire.Tensor, device: str = "cpu", *, inside: bool = False) -> torch.Tensor:
    """Return a contiguous tensor on ``device`` that is a leaf and has its own memory.

    On the CPU, this memory begins one element earlier if ``inside``, and ends one row later, as
    that of a slice does. Raises ``WireError`` if its parts don't match.
    """
    dtype = DTYPES.get(value.dtype)
    if dtype is None:
        raise WireError("a tensor has a dtype that does not exist")

    shape = value.shape
    if len(shape) > wire.MAX_DIMENSIONS or (shape and min(shape) < 0):
        raise WireError("a tensor has an impossible shape")

    size = math.prod(shape) * dtype.itemsize
    if size != len(value.data):
        raise WireError("a tensor has more or fewer bytes than its shape")

    try:
        if size:
            data = value.data
            row = shape[-1] if shape else 1
            if inside:
                data = b"\1" * dtype.itemsize + data + b"\1" * (row * dtype.itemsize)
            tensor = from_bytes(data, dtype)
            # Each view takes as long as the tensor.
            if inside:
                tensor = tensor[1:-row]
            if len(shape) != 1:
                tensor = tensor.view(shape)
        else:
            # Unlike view, this refuses a shape whose other sizes overflow.
            tensor = torch.empty(shape, dtype=dtype, device="cpu")

        # The CPU by name, because a submission may change the default device.
        if device != "cpu" or not tensor.is_cpu:
            tensor = tensor.to(device)
        if value.requires_grad:
            tensor.requires_grad_()
    except (RuntimeError, OverflowError, TypeError, ValueError):
        raise WireError("PyTorch refuses a tensor") from None
    else:
        return tensor


def from_bytes(data: bytes, dtype: torch.dtype) -> torch.Tensor:
    """Return a tensor of one dimension with a copy of ``data`` as its memory."""
    if dtype is torch.bool:
        # A bool with a byte other than 0 and 1 is undefined behavior in PyTorch.
        return torch.frombuffer(bytearray(data), dtype=torch.uint8).ne(0)
    return torch.frombuffer(bytearray(data), dtype=dtype)


def _describe(kind: type) -> str:
    """Return ``kind`` with an article: ``a generator``, ``an int``, ``a numpy.ndarray``."""
    # Read beneath the class, which can define both as properties.
    slots = type.__dict__
    name = slots["__name__"].__get__(kind)
    module = slots["__module__"].__get__(kind)
    # A subclass of str could run code.
    if type(module) is str and module != "builtins":
        name = f"{module}.{name}"

    name = name[:200].encode("utf-8", "replace").decode()
    article = "a"
    if name[:1].lower() in "aeiou":
        article = "an"
    return f"{article} {name}"
