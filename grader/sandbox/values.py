"""Values to wire data and back: the only place where tensors become bytes.

Both sides use it. On the untrusted side ``encode`` meets whatever a learner
returned; on the trusted side ``decode`` meets whatever arrived. Neither calls a
method that a learner's class could define.
"""

import ctypes
import math
from typing import Any, Final

import torch

from grader.errors import WireError
from grader.sandbox import wire

DTYPES: Final[dict[str, torch.dtype]] = {
    name: getattr(torch, name)
    for name in (
        *("bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64"),
        *("float16", "bfloat16", "float32", "float64", "complex64", "complex128"),
        *("float8_e4m3fn", "float8_e5m2"),
    )
    if hasattr(torch, name)
}
_NAMES: Final = {dtype: name for name, dtype in DTYPES.items()}
MAX_DEPTH: Final = 32
MAX_ENTRIES: Final = 1000
MAX_ALL_ENTRIES: Final = 10_000
"""Of one dictionary, and of all in a value: keys can be made to collide, and each is then compared with all others."""
MAX_TENSOR_BYTES: Final = 12 * 2**20
MAX_BYTES: Final = 14 * 2**20
"""Text and tensors of one value together: what is left of a frame is for the rest."""
KEYS: Final = (type(None), bool, int, float, str)
"""What a dictionary's keys may be: others can be made to take long to hash and to compare."""
_INT64: Final = range(-(2**63), 2**63)


def encode(value: Any) -> wire.Value:
    """``value`` as wire data; what cannot cross becomes an ``Opaque`` that says what it was."""
    try:
        return _Encoder().encode(value, 0)
    except _TooLargeError:
        return wire.Opaque(f"{_a(type(value))}, nested too deep or too large to send")


class _TooLargeError(Exception):
    """The value does not fit a frame."""


class _Encoder:
    """One encoding, with what is left of its budget."""

    def __init__(self) -> None:
        self.items = wire.MAX_ITEMS
        self.bytes = MAX_BYTES
        self.entries = MAX_ALL_ENTRIES

    def spend(self, size: int) -> None:
        """Take one item of ``size`` bytes off the budget."""
        self.items -= 1
        self.bytes -= size
        if self.items < 0 or self.bytes < 0:
            raise _TooLargeError

    def encode(self, value: Any, depth: int) -> wire.Value:
        # ``type(value)``, never ``isinstance``: ``__class__`` can lie.
        kind = type(value)
        self.spend(0)
        if depth > MAX_DEPTH:
            raise _TooLargeError
        if value is None or kind is bool or kind is float:
            return value  # type: ignore[no-any-return]
        if kind is str:
            self.spend(4 * len(value))
            return value if _is_unicode(value) else wire.Opaque("a str with half a character in it")
        if kind is int:
            return value if value in _INT64 else wire.Opaque("an int of more than 64 bits")
        if kind is torch.Tensor or kind is torch.nn.Parameter:
            tensor = encode_tensor(value)
            self.spend(len(tensor.data) if isinstance(tensor, wire.Tensor) else 0)
            return tensor
        if kind is torch.dtype and value in _NAMES:
            return wire.Dtype(_NAMES[value])
        if issubclass(kind, tuple):
            return wire.Tuple([self.encode(item, depth + 1) for item in tuple.__iter__(value)])
        if issubclass(kind, list):
            return wire.List([self.encode(item, depth + 1) for item in list.__iter__(value)])
        if issubclass(kind, dict):
            return self.dictionary(value, depth)
        return wire.Opaque(_a(kind))

    def dictionary(self, value: dict[Any, Any], depth: int) -> wire.Dict | wire.Opaque:
        """A dictionary of a size and with keys that the other side takes."""
        count = dict.__len__(value)
        self.entries -= count
        if count > MAX_ENTRIES or self.entries < 0:
            return wire.Opaque(f"{_a(type(value))} with more entries than can be sent")
        pairs = [
            (self.encode(key, depth + 1), self.encode(item, depth + 1))
            for key, item in dict.items(value)
        ]
        if all(isinstance(key, KEYS) for key, _ in pairs):
            return wire.Dict(pairs)
        return wire.Opaque(f"{_a(type(value))} whose keys cannot be sent")


def encode_tensor(tensor: torch.Tensor) -> wire.Tensor | wire.Opaque:
    """A plain tensor as bytes; sparse, quantised, meta and the like become ``Opaque``."""
    if tensor.layout is not torch.strided or tensor.is_nested:
        return wire.Opaque(f"a tensor of layout {str(tensor.layout).removeprefix('torch.')}")
    if tensor.dtype not in _NAMES:
        return wire.Opaque(f"a tensor of dtype {str(tensor.dtype).removeprefix('torch.')}")
    if tensor.device.type == "meta":
        return wire.Opaque("a meta tensor, which has a shape but no values")
    shape = list(tensor.shape)
    size = tensor.numel() * tensor.element_size()
    if len(shape) > wire.MAX_DIMENSIONS or size > MAX_TENSOR_BYTES:
        return wire.Opaque(
            f"a tensor of shape {tuple(shape)}"[: wire.MAX_NAME] + ", too large to send"
        )
    plain = tensor.detach().resolve_conj().resolve_neg().cpu().contiguous()
    # PyTorch reads bytes out only through NumPy, which need not be installed.
    if size and not plain.data_ptr():
        plain = plain.clone()  # a tensor of zeros that PyTorch has not laid down in memory yet
    data = ctypes.string_at(plain.data_ptr(), size) if size else b""
    return wire.Tensor(_NAMES[tensor.dtype], shape, data, str(tensor.device), tensor.requires_grad)


def decode(value: wire.Value) -> Any:
    """Wire data as Python values; an ``Opaque`` stays itself.

    Raises ``WireError`` for a tensor whose parts contradict each other, and for
    what is nested deeper than ``encode`` would send it.
    """
    return _Decoder().decode(value, 0)


class _Decoder:
    """One decoding, within the bounds that ``encode`` keeps."""

    def __init__(self) -> None:
        self.items = wire.MAX_ITEMS
        self.entries = MAX_ALL_ENTRIES

    def decode(self, value: wire.Value, depth: int) -> Any:
        self.items -= 1
        if self.items < 0 or depth > MAX_DEPTH:
            raise WireError("a value larger or deeper than any that is sent")
        if isinstance(value, wire.Tensor):
            return decode_tensor(value)
        if isinstance(value, wire.Tuple):
            return tuple(self.decode(item, depth + 1) for item in value.items)
        if isinstance(value, wire.List):
            return [self.decode(item, depth + 1) for item in value.items]
        if isinstance(value, wire.Dict):
            self.entries -= len(value.items)
            if len(value.items) > MAX_ENTRIES or self.entries < 0:
                raise WireError("a dictionary larger than any that is sent")
            return {
                self.key(key, depth + 1): self.decode(item, depth + 1) for key, item in value.items
            }
        if isinstance(value, wire.Dtype):
            if value.name not in DTYPES:
                raise WireError("a dtype that does not exist")
            return DTYPES[value.name]
        return value

    def key(self, value: wire.Value, depth: int) -> Any:
        """A dictionary's key."""
        if not isinstance(value, KEYS):
            raise WireError("a dictionary with a key that cannot be one")
        return self.decode(value, depth)


def decode_tensor(value: wire.Tensor, device: str | None = None) -> torch.Tensor:
    """A tensor with its own memory, a leaf; on the CPU unless ``device`` is given."""
    dtype = DTYPES.get(value.dtype)
    if dtype is None:
        raise WireError("a tensor of a dtype that does not exist")
    if len(value.shape) > wire.MAX_DIMENSIONS or any(size < 0 for size in value.shape):
        raise WireError("a tensor of an impossible shape")
    if math.prod(value.shape) * dtype.itemsize != len(value.data):
        raise WireError("a tensor whose bytes do not fill its shape")
    try:
        if not value.data:
            tensor = torch.empty(value.shape, dtype=dtype)
        elif dtype is torch.bool:
            # A bool of any other byte than 0 and 1 is undefined behaviour in PyTorch.
            tensor = (
                torch.frombuffer(bytearray(value.data), dtype=torch.uint8)
                .ne(0)
                .reshape(value.shape)
            )
        else:
            tensor = (
                torch.frombuffer(bytearray(value.data), dtype=torch.uint8)
                .view(dtype)
                .reshape(value.shape)
            )
        if device is not None:
            tensor = tensor.to(device)
        return tensor.requires_grad_() if value.requires_grad else tensor
    except (RuntimeError, OverflowError, TypeError, ValueError):
        raise WireError("a tensor that PyTorch refuses") from None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _a(kind: type) -> str:
    """``kind`` in words: ``a generator``, ``an int``, ``a numpy.ndarray``."""
    # ``type.__name__`` could be a metaclass's property, and ``__module__`` anything; the slots underneath are not.
    name = type.__dict__["__name__"].__get__(kind)
    module = type.__dict__["__module__"].__get__(kind)
    if type(module) is str and module != "builtins":
        name = f"{module}.{name}"
    name = name[:200].encode("utf-8", "replace").decode()
    return f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}"
