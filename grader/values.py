"""Values to wire data and back: the only place where tensors become bytes.

Both sides use it. On the untrusted side ``encode`` meets whatever a learner
returned; on the trusted side ``decode`` meets whatever arrived. Neither calls a
method that a learner's class could define.
"""

import ctypes
import math
from typing import Any, Final

import torch

from grader import wire
from grader.errors import WireError

DTYPES: Final[dict[str, torch.dtype]] = {
    name: getattr(torch, name)
    for name in (
        *("bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64"),
        *("float16", "bfloat16", "float32", "float64", "complex32", "complex64", "complex128"),
        *("float8_e4m3fn", "float8_e5m2"),
    )
    if hasattr(torch, name)
}
_NAMES: Final = {dtype: name for name, dtype in DTYPES.items()}
MAX_DEPTH: Final = 32
MAX_ITEMS: Final = 100_000
MAX_DIMENSIONS: Final = 64
MAX_TENSOR_BYTES: Final = 48 * 2**20
_INT64: Final = range(-(2**63), 2**63)


def encode(value: Any) -> wire.Value:
    """``value`` as wire data; what cannot cross becomes an ``Opaque`` that says what it was."""
    return _Encoder().encode(value, 0)


class _Encoder:
    """One encoding, with its budget of items left."""

    def __init__(self) -> None:
        self.items = MAX_ITEMS

    def encode(self, value: Any, depth: int) -> wire.Value:
        # ``type(value)``, never ``isinstance``: ``__class__`` can lie.
        kind = type(value)
        self.items -= 1
        if depth > MAX_DEPTH or self.items < 0:
            return wire.Opaque(f"{_a(kind)}, nested too deep or too large to send")
        if value is None or kind in (bool, float, str):
            return value  # type: ignore[no-any-return]
        if kind is int:
            return value if value in _INT64 else wire.Opaque("an int of more than 64 bits")
        if kind is torch.Tensor or kind is torch.nn.Parameter:
            return encode_tensor(value)
        if kind is torch.dtype and value in _NAMES:
            return wire.Dtype(_NAMES[value])
        if issubclass(kind, tuple):
            return wire.Tuple([self.encode(item, depth + 1) for item in tuple.__iter__(value)])
        if issubclass(kind, list):
            return wire.List([self.encode(item, depth + 1) for item in list.__iter__(value)])
        if issubclass(kind, dict):
            pairs = dict.items(value)
            return wire.Dict([(self.encode(key, depth + 1), self.encode(item, depth + 1)) for key, item in pairs])
        return wire.Opaque(_a(kind))


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
    if len(shape) > MAX_DIMENSIONS or size > MAX_TENSOR_BYTES:
        return wire.Opaque(f"a tensor of shape {tuple(shape)}, too large to send")
    plain = tensor.detach().resolve_conj().resolve_neg().cpu().contiguous()
    # PyTorch reads bytes out only through NumPy, which need not be installed.
    data = ctypes.string_at(plain.data_ptr(), size) if size else b""
    return wire.Tensor(_NAMES[tensor.dtype], shape, data, str(tensor.device), tensor.requires_grad)


def decode(value: wire.Value) -> Any:
    """Wire data as Python values; an ``Opaque`` stays itself.

    Raises ``WireError`` for a tensor whose parts contradict each other.
    """
    if isinstance(value, wire.Tensor):
        return decode_tensor(value)
    if isinstance(value, wire.Tuple):
        return tuple(decode(item) for item in value.items)
    if isinstance(value, wire.List):
        return [decode(item) for item in value.items]
    if isinstance(value, wire.Dict):
        try:
            return {decode(key): decode(item) for key, item in value.items}
        except TypeError:
            raise WireError("a dictionary with a key that cannot be one") from None
    if isinstance(value, wire.Dtype):
        if value.name not in DTYPES:
            raise WireError("a dtype that does not exist")
        return DTYPES[value.name]
    return value


def decode_tensor(value: wire.Tensor, device: str | None = None) -> torch.Tensor:
    """A tensor with its own memory, a leaf; on the CPU unless ``device`` is given."""
    dtype = DTYPES.get(value.dtype)
    if dtype is None:
        raise WireError("a tensor of a dtype that does not exist")
    if len(value.shape) > MAX_DIMENSIONS or any(size < 0 for size in value.shape):
        raise WireError("a tensor of an impossible shape")
    if math.prod(value.shape) * dtype.itemsize != len(value.data):
        raise WireError("a tensor whose bytes do not fill its shape")
    try:
        if not value.data:
            tensor = torch.empty(value.shape, dtype=dtype)
        elif dtype is torch.bool:
            # A bool of any other byte than 0 and 1 is undefined behaviour in PyTorch.
            tensor = torch.frombuffer(bytearray(value.data), dtype=torch.uint8).ne(0).reshape(value.shape)
        else:
            tensor = torch.frombuffer(bytearray(value.data), dtype=torch.uint8).view(dtype).reshape(value.shape)
        if device is not None:
            tensor = tensor.to(device)
        return tensor.requires_grad_() if value.requires_grad else tensor
    except (RuntimeError, OverflowError) as error:
        raise WireError(f"a tensor that PyTorch refuses ({error})") from None


def _a(kind: type) -> str:
    """``kind`` in words: ``a generator``, ``an int``, ``a numpy.ndarray``."""
    # ``type.__name__`` could be a metaclass's property; the slot underneath is not.
    name = str(type.__dict__["__name__"].__get__(kind))
    module = type.__dict__["__module__"].__get__(kind)
    name = f"{module}.{name}"[:200] if isinstance(module, str) and module != "builtins" else name[:200]
    return f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}"
