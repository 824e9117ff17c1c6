"""Values: what arrives, what becomes an ``Opaque``, and what is refused on arrival."""

import contextlib
import enum
import math
import sys
from collections import OrderedDict, defaultdict
from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import WireError
from grader.sandbox import values, wire
from grader.sandbox.values import DTYPES, MAX_TENSOR_BYTES, decode, encode


class Pair(NamedTuple):
    left: int
    right: list


SHAPES = [(), (1,), (3,), (2, 3), (0,), (2, 0, 3), (1,) * 8]


def cross(value):
    """Return ``value`` as it arrives on the other side, through bytes."""
    return decode(wire.unpack(wire.pack(encode(value))[wire.HEADER :], wire.Value))


def sample(dtype, shape=(2, 3)):
    """Return a tensor of any dtype with many different bytes."""
    count = math.prod(shape) * dtype.itemsize
    data = (torch.arange(count, dtype=torch.int64) * 37 + 11).remainder(256).to(torch.uint8)
    return data.ne(128).reshape(shape) if dtype is torch.bool else data.view(dtype).reshape(shape)


def bits(tensor):
    """Return the bytes of a tensor, so that NaN can be compared too."""
    return wire.unpack(wire.pack(encode(tensor))[wire.HEADER :], wire.Value).data


def same(mine, theirs):
    return mine.dtype == theirs.dtype and mine.shape == theirs.shape and bits(mine) == bits(theirs)


# Tensors


@pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental")
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", DTYPES)
def test_tensor_of_any_dtype(name, shape):
    """A tensor of each dtype and shape arrives bit by bit, in its own memory."""
    sent = sample(DTYPES[name], shape)
    arrived = cross(sent)
    assert (arrived.dtype, arrived.shape, arrived.is_leaf, arrived.is_contiguous()) == (
        sent.dtype,
        sent.shape,
        True,
        True,
    )
    assert encode(arrived) == encode(sent)
    assert len(encode(sent).data) == sent.numel() * sent.element_size()
    assert not sent.numel() or arrived.data_ptr() != sent.data_ptr()


def test_bytes_are_those_of_the_elements():
    """Elements are sent row by row, in the byte order of this machine."""
    assert encode(torch.tensor([[1, 2], [3, 4]], dtype=torch.uint8)) == wire.Tensor(
        "uint8", [2, 2], b"\1\2\3\4"
    )
    assert encode(torch.tensor(258, dtype=torch.int16)) == wire.Tensor(
        "int16", [], (258).to_bytes(2, sys.byteorder)
    )


BASE = torch.arange(24.0).reshape(2, 3, 4)
VIEWS = {
    "transposed": BASE.transpose(0, 2),
    "every second": BASE[..., ::2],
    "from an offset": BASE[1, 1:],
    "reversed": BASE.flip(2),
    "expanded": BASE[:, :1].expand(2, 3, 4),
    "expanded from a scalar": torch.tensor(7.0).expand(2, 2),
    "overlapping": torch.arange(5.0).as_strided((3, 3), (1, 1)),
    "channels last": BASE[None].contiguous(memory_format=torch.channels_last),
    "a row of a transpose": BASE.mT[0, 1],
}


@pytest.mark.parametrize("name", VIEWS)
def test_view(name):
    """A view arrives with the elements that it shows, and no others."""
    arrived = cross(VIEWS[name])
    assert torch.equal(arrived, VIEWS[name])
    assert arrived.untyped_storage().nbytes() == VIEWS[name].numel() * 4


def test_conjugate_and_negative_views():
    """Lazily conjugated and negated views arrive with their values."""
    numbers = torch.tensor([1 + 2j, 3 - 4j])
    conjugate, negative = numbers.conj(), numbers.conj().imag
    assert conjugate.is_conj() and negative.is_neg()
    assert cross(conjugate).tolist() == [1 - 2j, 3 + 4j]
    assert cross(negative).tolist() == [-2.0, 4.0]


@pytest.mark.parametrize("grad", [True, False])
def test_requires_grad(grad):
    """A tensor arrives with ``requires_grad`` but without its history."""
    leaf = torch.ones(2, requires_grad=grad)
    for sent in (leaf, leaf * 2, torch.nn.Parameter(leaf, requires_grad=grad)):
        arrived = cross(sent)
        assert (type(arrived), arrived.requires_grad, arrived.is_leaf, arrived.grad_fn) == (
            torch.Tensor,
            grad,
            True,
            None,
        )


def test_changing_what_arrived_changes_nothing_sent():
    """What arrives shares no memory with what was sent."""
    sent = torch.zeros(3)
    data = encode(sent)
    decode(data).add_(1)
    assert sent.tolist() == decode(data).tolist() == [0, 0, 0]


class Sub(torch.Tensor):
    pass


NOT_PLAIN = {
    "sparse": (lambda: torch.eye(3).to_sparse(), "sparse_coo"),
    "compressed rows": (
        lambda: torch.sparse_csr_tensor([0, 1], [0], [1.0], size=(1, 2)),
        "sparse_csr",
    ),
    "quantized": (lambda: torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8), "qint8"),
    "meta": (lambda: torch.empty(3, device="meta"), "a meta tensor"),
    "functional": (lambda: torch._to_functional_tensor(torch.ones(3)), "without memory"),
    "functional slice": (lambda: torch._to_functional_tensor(torch.ones(3)[1:]), "without memory"),
    "nested": (lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]), "a tensor"),
    "a subclass": (lambda: torch.ones(2).as_subclass(Sub), "Sub"),
    "expanded too far": (lambda: torch.ones(1).expand(2**40), "too large to send"),
    "expanded so far that its size overflows": (
        lambda: torch.ones(1, 1).expand(2**31, 2**31),
        "too large to send",
    ),
    "one element too large": (
        lambda: torch.zeros(1, dtype=torch.uint8).expand(MAX_TENSOR_BYTES + 1),
        "too large to send",
    ),
    "too many dimensions": (
        lambda: torch.ones((1,) * (wire.MAX_DIMENSIONS + 1)),
        "too large to send",
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NOT_PLAIN)
def test_tensor_that_is_not_plain(name):
    """A tensor without plain elements, or with too many, becomes a description."""
    make, said = NOT_PLAIN[name]
    arrived = cross(make())
    assert isinstance(arrived, wire.Opaque)
    assert said in arrived.description


def test_largest_tensor_fits_a_frame():
    """The largest tensor that is encoded can be sent."""
    wire.pack(encode(torch.zeros(1, dtype=torch.uint8).expand(MAX_TENSOR_BYTES)))


# Objects


PLAIN = [
    *(None, True, False, 0, 1, -(2**63), 2**63 - 1, 0.5, math.inf, "", "text", "\0\n学生"),
    *(
        [],
        (),
        {},
        [1, [2.0, ("x", None)]],
        (1,),
        {"a": [True]},
        {1: "a", 0.5: {None: ()}, False: "b"},
    ),
    *(torch.float32, torch.bool, [torch.int64]),
]


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_plain_data(value):
    """Plain data arrives equal and with the same types."""
    arrived = cross(value)
    assert arrived == value
    assert repr(arrived) == repr(value)


def test_nan():
    """NaN and negative zero arrive unchanged."""
    assert math.isnan(cross(math.nan))
    assert math.copysign(1, cross(-0.0)) == -1


CONTAINERS = {
    "a named tuple": (Pair(1, [2]), (1, [2])),
    "a size": (torch.Size([2, 3]), (2, 3)),
    "an ordered dictionary": (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
    "a dictionary with a default": (defaultdict(list, a=[1]), {"a": [1]}),
    "a parameter list as a list": (list(torch.nn.ParameterList([torch.ones(1)])), None),
    "a state": (torch.nn.Linear(1, 1).state_dict(), None),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_containers_arrive_as_builtin_ones(name):
    """Subclasses of tuple, list and dict arrive as the built-in ones, in order."""
    sent, expected = CONTAINERS[name]
    arrived = cross(sent)
    assert type(arrived) in (tuple, list, dict)
    assert list(arrived) == list(sent) if expected is None else repr(arrived) == repr(expected)


class Lying:
    """Claims to be a tensor."""

    __class__ = torch.Tensor

    def __getattribute__(self, name):
        raise AssertionError(f"{name} was looked up")


class Hostile(type):
    """A metaclass that runs learner code for every operation on its classes."""

    __name__ = property(lambda _: 1 / 0)
    __module__ = "hostile"

    def __getattribute__(cls, name):
        raise AssertionError(f"{name} was looked up")

    def __instancecheck__(cls, instance):
        raise AssertionError

    def __subclasscheck__(cls, kind):
        raise AssertionError

    def __eq__(cls, other):
        raise AssertionError

    __hash__ = type.__hash__


class OfHostile(metaclass=Hostile):
    pass


class HostileList(list):
    def __iter__(self):
        raise AssertionError

    __len__ = __getitem__ = __reversed__ = __bool__ = __iter__


class HostileTuple(tuple):
    __slots__ = ()
    __iter__ = __len__ = __getitem__ = __bool__ = HostileList.__iter__


class HostileDict(dict):
    items = keys = __iter__ = __len__ = __getitem__ = __bool__ = HostileList.__iter__


class Text(str):
    __slots__ = ()
    __format__ = __str__ = __eq__ = __ne__ = __len__ = HostileList.__iter__
    __hash__ = str.__hash__


class Colour(enum.IntEnum):
    RED = 1


def of_module(module):
    """Return an object whose class claims to be from ``module``."""
    return type("Made", (), {"__module__": module})()


OPAQUE = {
    "a generator": ((x for x in ()), "a generator"),
    "a function": (print, "a builtin_function_or_method"),
    "a class": (Pair, "a type"),
    "an ellipsis": (..., "an ellipsis"),
    "a set": ({1}, "a set"),
    "bytes": (b"x", "a bytes"),
    "a complex number": (1j, "a complex"),
    "a subclass of int": (Colour.RED, "Colour"),
    "a subclass of str": (Text("x"), "Text"),
    "a big int": (2**63, "an int of more than 64 bits"),
    "a big negative int": (-(2**63) - 1, "an int of more than 64 bits"),
    "an int of a million bits": (1 << 10**6, "an int of more than 64 bits"),
    "a module": (torch.nn.Linear(1, 1), "a torch.nn.modules.linear.Linear"),
    "a device": (torch.device("cpu"), "a torch.device"),
    "an unknown dtype": (torch.qint8, "a torch.dtype"),
    "an iterator": (iter([]), "a list_iterator"),
    "a liar": (Lying(), "Lying"),
    "of a hostile class": (OfHostile(), "OfHostile"),
    "a hostile class": (OfHostile, "Hostile"),
    "from a hostile module": (of_module(Text("m")), "Made"),
    "from no module": (of_module(None), "Made"),
    "of a long name": (type("L" * 10_000, (), {})(), "L" * 100),
    "from a module with a lone surrogate": (of_module("\ud800"), "Made"),
}


DICTIONARIES = {
    "of the largest size": ({n: n for n in range(values.MAX_ENTRIES)}, None),
    "larger": (
        {n: n for n in range(values.MAX_ENTRIES + 1)},
        "a dict with too many entries to send",
    ),
    "with a tuple for a key": ({(1, 2): 3}, "a dict with keys that cannot be sent"),
    "with a tensor for a key": ({torch.ones(1): 3}, "a dict with keys that cannot be sent"),
}


@pytest.mark.parametrize("name", DICTIONARIES)
def test_dictionary(name):
    """A dictionary arrives whole if its keys are quick to compare, else as a description."""
    value, said = DICTIONARIES[name]
    assert cross(value) == (value if said is None else wire.Opaque(said))


def test_all_dictionaries_of_a_value():
    """All dictionaries of a value together have a limit too."""
    one = {n: n for n in range(values.MAX_ENTRIES)}
    arrived = cross([one] * (values.MAX_ALL_ENTRIES // values.MAX_ENTRIES + 1))
    assert arrived[-2:] == [one, wire.Opaque("a dict with too many entries to send")]


@pytest.mark.parametrize("name", OPAQUE)
def test_objects_become_descriptions(name):
    """An object becomes the name of its type, read without calling the type's own code."""
    value, said = OPAQUE[name]
    arrived = cross(value)
    assert type(arrived) is wire.Opaque
    assert said in arrived.description
    assert len(arrived.description) < 300


def test_hostile_containers():
    """Containers that override every method are read with the built-in methods."""
    assert cross([HostileList([1, 2]), HostileTuple((3,)), HostileDict(a=4)]) == [
        [1, 2],
        (3,),
        {"a": 4},
    ]


def test_opaque_inside():
    """A part that cannot be sent does not affect the others."""
    assert cross([1, {2}, "x"]) == [1, wire.Opaque("a set"), "x"]


def test_deep_list():
    """A list that is nested too deep becomes a description."""
    value = []
    for _ in range(10_000):
        value = [value]
    arrived = cross(value)
    assert "a list, nested too deep" in repr(arrived)


@pytest.mark.parametrize("wide", [1, 2, 50])
def test_recursive_list(wide):
    """A list that contains itself any number of times ends and stays small."""
    value = []
    value.extend([value] * wide)
    assert len(wire.pack(encode(value))) < 100 * wire.MAX_ITEMS


def test_recursive_dictionary():
    """A dictionary that contains itself ends too."""
    value = {}
    value["self"] = value
    assert "too deep" in repr(cross(value))


@pytest.mark.parametrize("length", [wire.MAX_ITEMS - 1, 1_500_000])
def test_long_list(length):
    """A long list can be sent, whole or as a description."""
    frame = wire.pack(encode([0] * length))
    assert ("too large" in repr(decode(wire.unpack(frame[wire.HEADER :], wire.Value)))) == (
        length >= wire.MAX_ITEMS
    )


TOO_LARGE_TOGETHER = {
    "large tensors": lambda: [torch.zeros(MAX_TENSOR_BYTES // 4)] * 2,
    "one large tensor many times": lambda: [torch.zeros(MAX_TENSOR_BYTES // 4)] * 3,
    "a long text": lambda: "x" * (wire.MAX_FRAME + 1),
    "a lone surrogate": lambda: "\ud800",
    "a key with a lone surrogate": lambda: {"\udfff": 1},
}


@pytest.mark.parametrize("name", TOO_LARGE_TOGETHER)
def test_every_encoded_value_can_be_sent(name):
    """An encoded value always fits a frame, so a wrong value never costs the process."""
    wire.pack(wire.Returned(1, encode(TOO_LARGE_TOGETHER[name]())))


# Arrivals


REFUSED = {
    "too few bytes": wire.Tensor("float32", [2], b"\0" * 7),
    "too many bytes": wire.Tensor("float32", [2], b"\0" * 9),
    "no bytes": wire.Tensor("float32", [2], b""),
    "bytes for no element": wire.Tensor("float32", [0], b"\0" * 4),
    "a negative size": wire.Tensor("uint8", [-1], b"\0"),
    "two negative sizes": wire.Tensor("uint8", [-1, -1], b"\0"),
    "a negative size beside zero": wire.Tensor("uint8", [0, -1], b""),
    "too many dimensions": wire.Tensor("uint8", [1] * (wire.MAX_DIMENSIONS + 1), b"\0"),
    "an unknown dtype": wire.Tensor("float128", [1], b"\0" * 16),
    "an attribute of torch": wire.Tensor("Tensor", [1], b"\0" * 8),
    "a quantized dtype": wire.Tensor("qint8", [1], b"\0"),
    "a huge empty shape": wire.Tensor("uint8", [0, 2**62, 2**62], b""),
    "a size over 63 bits": wire.Tensor("uint8", [0, 2**63], b""),
    "a size over 64 bits": wire.Tensor("uint8", [0, 2**64 - 1, 2**64 - 1], b""),
    "a shape that overflows to fit": wire.Tensor("uint8", [2**32, 2**32], b""),
    "a gradient for integers": wire.Tensor("int64", [1], b"\0" * 8, "cpu", True),
    "a gradient for bools": wire.Tensor("bool", [1], b"\0", "cpu", True),
    "an unknown dtype as a value": wire.Dtype("Tensor"),
    "a dtype of nothing": wire.Dtype(""),
    "a tuple for a key": wire.Dict([(wire.Tuple([]), 1)]),
    "an opaque key": wire.Dict([(wire.Opaque("a set"), 1)]),
    "a dictionary too large": wire.Dict([(n, None) for n in range(values.MAX_ENTRIES + 1)]),
    "dictionaries too large together": wire.List(
        [wire.Dict([(n, None) for n in range(values.MAX_ENTRIES)])]
        * (values.MAX_ALL_ENTRIES // values.MAX_ENTRIES + 1)
    ),
    "a list for a key": wire.Dict([(wire.List([]), 1)]),
    "a dictionary for a key": wire.Dict([(wire.Dict([]), 1)]),
    "a list in a tuple for a key": wire.Dict([(wire.Tuple([wire.List([])]), 1)]),
    "a bad tensor deep inside": wire.List(
        [wire.Tuple([wire.Dict([(1, wire.Tensor("uint8", [2], b"\0"))])])]
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_on_arrival(name):
    """Data that contradicts itself is a WireError with one line."""
    with pytest.raises(WireError) as caught:
        decode(REFUSED[name])
    assert "\n" not in str(caught.value)


def test_bools_of_any_byte():
    """Every byte but 0 arrives as 1, because others are undefined behavior in PyTorch."""
    arrived = decode(wire.Tensor("bool", [4], b"\0\1\2\xff"))
    assert arrived.tolist() == [False, True, True, True]
    assert arrived.view(torch.uint8).tolist() == [0, 1, 1, 1]


def test_device_on_arrival_is_the_cpu():
    """A tensor arrives on the CPU, no matter which device it names."""
    assert decode(wire.Tensor("uint8", [1], b"\0", "cuda:7")).device.type == "cpu"
    assert decode(wire.Tensor("uint8", [1], b"\0", "../../dev")).device.type == "cpu"


def test_opaque_stays_itself():
    """An ``Opaque`` stays an ``Opaque``."""
    assert decode(wire.Opaque("a set")) == wire.Opaque("a set")


SIZES = st.one_of(
    st.integers(0, 4), st.sampled_from([-1, 2**31, 2**62, 2**63 - 1, 2**63, 2**64 - 1])
)
TENSORS = st.builds(
    wire.Tensor,
    dtype=st.one_of(st.sampled_from(list(DTYPES)), st.text(max_size=5)),
    shape=st.lists(SIZES, max_size=5),
    data=st.binary(max_size=64),
    device=st.text(max_size=5),
    requires_grad=st.booleans(),
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    TENSORS,
    st.builds(wire.Opaque, st.text(max_size=3)),
)
ANYTHING = st.recursive(
    st.one_of(LEAVES, st.builds(wire.Dtype, st.text(max_size=3))),
    lambda inner: st.one_of(
        st.builds(wire.Tuple, st.lists(inner, max_size=3)),
        st.builds(wire.List, st.lists(inner, max_size=3)),
        st.builds(wire.Dict, st.lists(st.tuples(inner, inner), max_size=3)),
    ),
    max_leaves=8,
)


@given(value=ANYTHING)
@settings(deadline=None, max_examples=60)
def test_any_wire_data(value):
    """Well-formed messages with any content are decoded or refused with a WireError."""
    with contextlib.suppress(WireError):
        decode(value)


PYTHON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False),
        st.text(max_size=5),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
)


@given(value=PYTHON)
def test_any_plain_data_arrives(value):
    """Plain data of any shape arrives unchanged."""
    assert cross(value) == value


def test_zero_tensor():
    """A tensor of zeros without memory arrives as zeros; reading its memory would crash."""
    assert cross(torch._efficientzerotensor(2)).tolist() == [0, 0]


def test_limits_fit_together():
    """One tensor of the largest size leaves room in its frame."""
    assert values.MAX_TENSOR_BYTES + 1024 * 1024 < wire.MAX_FRAME


@pytest.mark.parametrize("shape", [(2, 3), (0, 3)])
def test_default_device_does_not_matter(shape):
    """A tensor arrives on its own device, even if a submission changed the default device."""
    sent = values.encode_tensor(torch.ones(shape))
    with torch.device("meta"):
        arrived = values.decode_tensor(sent)
    assert arrived.device.type == "cpu"
    assert torch.equal(arrived, torch.ones(shape))


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(12.0).reshape(3, 4).t(),
        torch.arange(4).expand(5, 4),
        torch.arange(6)[::2],
        torch.tensor(3.0).expand(2, 3),
        torch.ones(3, 1).expand(3, 4).requires_grad_(),
    ],
    ids=["transposed", "expanded", "every-second", "one-number", "with-gradient"],
)
def test_arguments_keep_strides(tensor):
    """A submission gets a tensor that is not contiguous exactly as the check made it."""
    message = wire.Returned(1, values.encode(tensor))
    reply = wire.unpack(wire.pack(message)[wire.HEADER :], wire.Reply)
    arrived = values.decode_argument(reply.value)
    assert arrived.stride() == tensor.stride()
    assert torch.equal(arrived, tensor)
    assert (arrived.is_leaf, arrived.requires_grad) == (True, tensor.requires_grad)


def test_arguments_begin_inside_their_memory():
    """A contiguous argument has a number before it, so code must not begin with its memory."""
    arrived = values.decode_argument(values.encode(torch.arange(6.0).reshape(2, 3)))
    assert arrived.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert arrived.as_strided((6,), (1,), 0)[1:].tolist() == [0, 1, 2, 3, 4]
