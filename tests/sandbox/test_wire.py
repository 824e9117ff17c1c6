"""The wire: which messages it carries, and that it refuses everything else."""

import io
import math
import time

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.errors import WireError
from grader.sandbox import values, wire

FRAMES = [wire.Frame("double.py", 3, "double"), wire.Frame("double.py", 7, "")]
TENSOR = wire.Tensor("float32", [2, 1], b"\0\1\2\3\4\5\6\7", "cuda:1", True)
VALUES = [
    *(
        None,
        True,
        False,
        0,
        -1,
        2**63 - 1,
        -(2**63),
        0.0,
        -0.5,
        math.inf,
        "",
        "text",
        "\0\n\u202e学生",
    ),
    *(TENSOR, wire.Tensor("bool", [], b"\1"), wire.Dtype("float16"), wire.Opaque("a generator")),
    *(
        wire.Tuple([]),
        wire.List([1, wire.Tuple([None, "x"])]),
        wire.Dict([("a", 1), (wire.Tuple([2]), wire.List([]))]),
    ),
]
MESSAGES = {
    wire.Request: [
        wire.Load(
            "double",
            "double.py",
            b"x = \xff\0",
            {"one.py": b""},
            [wire.Entry("double", ["x"], "double(x)")],
            2**33,
            5,
            2**62,
        ),
        wire.Call(1, "double", VALUES, {"scale": 2.0}),
        wire.Run(2, "probe", "def probe(learner): ...", VALUES),
    ],
    wire.Reply: [
        wire.Prepared({"seccomp": "filter", "landlock": None}),
        wire.Loaded(),
        *(wire.Returned(n, value) for n, value in enumerate(VALUES)),
        wire.Raised(3, "ValueError", ["ValueError", "Exception"], "no", FRAMES),
        wire.Forbidden(4, "torch.add", FRAMES),
    ],
    wire.Spawn: [
        wire.Spawn([], subprocesses=False),
        wire.Spawn(["aten::add"], subprocesses=True),
        wire.Spawn([], subprocesses=False, gpu=True),
    ],
    wire.Reap: [wire.Reap()],
    wire.Spawned: [wire.Spawned()],
    wire.Reaped: [wire.Reaped(-9)],
}
PAIRS = [(kind, message) for kind, messages in MESSAGES.items() for message in messages]


def payload(data):
    """Return any ``data`` as the payload of a frame."""
    return msgspec.msgpack.encode(data)


def refused(data, kind):
    """Assert that ``data`` is not a message of ``kind``; return the error."""
    with pytest.raises(WireError) as caught:
        wire.unpack(data, kind)
    assert caught.value.exit_code == 3
    return str(caught.value)


@pytest.mark.parametrize(("kind", "message"), PAIRS, ids=lambda part: type(part).__name__)
def test_round_trip(kind, message):
    """Every message arrives unchanged, also through a stream."""
    stream = io.BytesIO()
    wire.send(stream, message)
    wire.send(stream, message)
    assert stream.getvalue() == wire.pack(message) * 2
    stream.seek(0)
    assert [wire.receive(stream, kind) for _ in range(3)] == [message, message, None]


def test_nan_arrives():
    """NaN arrives as NaN."""
    assert math.isnan(
        wire.unpack(wire.pack(wire.Returned(1, math.nan))[wire.HEADER :], wire.Reply).value
    )


@pytest.mark.parametrize(("kind", "message"), PAIRS, ids=lambda part: type(part).__name__)
def test_every_truncation_is_noticed(kind, message):
    """A stream that ends inside a frame is an error, and so is a payload that ends early."""
    frame = wire.pack(message)
    for end in [*range(1, min(len(frame), 60)), len(frame) - 1]:
        with pytest.raises(WireError, match="ended inside a frame"):
            wire.receive(io.BytesIO(frame[:end]), kind)
    for end in range(min(len(frame) - wire.HEADER, 60)):
        refused(frame[wire.HEADER : wire.HEADER + end], kind)


@pytest.mark.parametrize(("kind", "message"), PAIRS, ids=lambda part: type(part).__name__)
def test_trailing_bytes_are_refused(kind, message):
    """A payload is exactly one message."""
    refused(wire.pack(message)[wire.HEADER :] + b"\xc0", kind)


def test_header_over_the_limit_is_refused():
    """The header is enough to refuse a frame: nothing else is read or allocated."""
    assert wire.frame_size((wire.MAX_FRAME).to_bytes(4, "big")) == wire.MAX_FRAME
    with pytest.raises(
        WireError, match="a frame announces 16,777,217 bytes; at most 16,777,216 are allowed"
    ):
        wire.frame_size((wire.MAX_FRAME + 1).to_bytes(4, "big"))
    stream = io.BytesIO(b"\xff" * 100)
    with pytest.raises(WireError, match="announces 4,294,967,295 bytes"):
        wire.receive(stream, wire.Reply)
    assert stream.tell() == wire.HEADER


def test_message_over_the_limit_is_not_sent():
    """The sender refuses a message that does not fit a frame."""
    with pytest.raises(WireError, match="a frame holds 16,777,216"):
        wire.pack(wire.Opaque("x" * wire.MAX_FRAME))


def test_lone_surrogate_is_not_sent():
    """A lone surrogate is a WireError, like everything that cannot be sent."""
    with pytest.raises(WireError):
        wire.pack(wire.Opaque("\ud800"))


MALFORMED = {
    "nothing": (b"", wire.Reply),
    "a message of the other side": (wire.pack(wire.Call(1, "f", [], {}))[4:], wire.Reply),
    "an unknown tag": (payload(["pickled", 1]), wire.Reply),
    "no tag": (payload([1, 2]), wire.Reply),
    "an object instead of an array": (
        payload({"type": "returned", "id": 1, "value": None}),
        wire.Reply,
    ),
    "a field too few": (payload(["returned", 1]), wire.Reply),
    "a field too many": (payload(["returned", 1, None, None]), wire.Reply),
    "more frames than are shown": (
        payload(["raised", 1, "E", [], "", [["a.py", 1, "f"]] * 21]),
        wire.Reply,
    ),
    "more frames for a forbidden name": (
        payload(["forbidden", 1, "f", [["a.py", 1, "f"]] * 21]),
        wire.Reply,
    ),
    "a long file name": (payload(["raised", 1, "E", [], "", [["a" * 256, 1, "f"]]]), wire.Reply),
    "a long function name": (
        payload(["raised", 1, "E", [], "", [["a.py", 1, "f" * 201]]]),
        wire.Reply,
    ),
    "a long exception name": (payload(["raised", 1, "E" * 201, [], "", []]), wire.Reply),
    "many bases": (payload(["raised", 1, "E", ["E"] * 21, "", []]), wire.Reply),
    "a long message": (payload(["raised", 1, "E", [], "x" * 4097, []]), wire.Reply),
    "a long forbidden name": (payload(["forbidden", 1, "f" * 201, []]), wire.Reply),
    "a long description": (payload(["returned", 1, ["opaque", "x" * 4097]]), wire.Reply),
    "more items than are sent": (payload(["returned", 1, ["list", [None] * 100_001]]), wire.Reply),
    "more dimensions than there are": (
        payload(["returned", 1, ["tensor", "bool", [1] * 65, b"\1", "cpu", False]]),
        wire.Reply,
    ),
    "a text for a number": (payload(["returned", "1", None]), wire.Reply),
    "a float for a number": (payload(["returned", 1.0, None]), wire.Reply),
    "a bool for a number": (payload(["returned", True, None]), wire.Reply),
    "bytes for a text": (payload(["forbidden", 1, b"x", []]), wire.Reply),
    "text for bytes": (
        payload(["returned", 1, ["tensor", "bool", [1], "\1", "cpu", False]]),
        wire.Reply,
    ),
    "a number for a bool": (
        payload(["returned", 1, ["tensor", "bool", [1], b"\1", "cpu", 1]]),
        wire.Reply,
    ),
    "None in a shape": (
        payload(["returned", 1, ["tensor", "bool", [None], b"", "cpu", False]]),
        wire.Reply,
    ),
    "bytes as a value": (payload(["returned", 1, b"x"]), wire.Reply),
    "a plain array as a value": (payload(["returned", 1, [1, 2]]), wire.Reply),
    "a plain object as a value": (payload(["returned", 1, {"a": 1}]), wire.Reply),
    "a message as a value": (payload(["returned", 1, ["loaded"]]), wire.Reply),
    "a pair of three": (payload(["returned", 1, ["dict", [[1, 2, 3]]]]), wire.Reply),
    "an extension as a value": (payload(["returned", 1, msgspec.msgpack.Ext(5, b"x")]), wire.Reply),
    "a time as a value": (b"\x93\xa8returned\x01\xd6\xff\0\0\0\0", wire.Reply),
    "text that is not UTF-8": (b"\x93\xa8returned\x01\xa1\xff", wire.Reply),
    "a tag that is not UTF-8": (b"\x93\xa8\xff\xff\xff\xff\xff\xff\xff\xff\x01\xc0", wire.Reply),
    "a byte that means nothing": (b"\xc1", wire.Reply),
    "an array of four billion": (
        b"\x93\xa8returned\x01\x92\xa4list\xdd\xff\xff\xff\xff\xc0",
        wire.Reply,
    ),
    "an object of four billion": (b"\x92\xa8confined\xdf\xff\xff\xff\xff\xc0", wire.Reply),
    "bytes of four gigabytes": (
        b"\x93\xa8returned\x01\x96\xa6tensor\xa4bool\x90\xc6\xff\xff\xff\xff\xc0",
        wire.Reply,
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_message(case):
    """The decoder refuses what is not exactly a message; it converts and guesses nothing."""
    assert refused(*MALFORMED[case]).startswith("a malformed message: ")


def nested(kind, depth):
    """Return the bytes of a value that is nested ``depth`` times."""
    opening = (
        b"\x92"
        + bytes([0xA0 + len(kind)])
        + kind.encode()
        + b"\x91"
        + (b"\x92\xc0" if kind == "dict" else b"")
    )
    return opening * depth + b"\xc0"


@pytest.mark.parametrize("kind", ["list", "tuple", "dict"])
def test_deep_nesting(kind):
    """A value of any depth is decoded or refused with a WireError."""
    for depth in [*range(values.MAX_DEPTH, 1100), 10_000, 1_000_000]:
        try:
            values.decode(wire.unpack(nested(kind, depth), wire.Value))
        except WireError:
            assert depth > values.MAX_DEPTH


@pytest.mark.parametrize("kind", ["list", "tuple", "dict"])
def test_nesting_that_encode_allows_is_decoded(kind):
    """One side can decode the deepest value that the other encodes."""
    values.decode(wire.unpack(nested(kind, values.MAX_DEPTH), wire.Value))


KINDS = [wire.Reply, wire.Request, wire.Value, wire.Spawned, wire.Reaped]


@given(data=st.binary(max_size=200), kind=st.sampled_from(KINDS))
@example(data=b"\x93\xa8returned\x01\xcf" + b"\xff" * 8, kind=wire.Reply)
def test_any_bytes(data, kind):
    """Arbitrary bytes are a message or a WireError, never anything else."""
    try:
        message = wire.unpack(data, kind)
    except WireError:
        return
    assert wire.unpack(wire.pack(message)[wire.HEADER :], kind) == message or "nan" in repr(message)


@given(data=st.data())
def test_any_damage_to_a_message(data):
    """A damaged message is a message or a WireError, and so is its value."""
    kind, message = data.draw(st.sampled_from(PAIRS))
    frame = bytearray(wire.pack(message)[wire.HEADER :])
    for _ in range(data.draw(st.integers(1, 4))):
        frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    try:
        message = wire.unpack(bytes(frame), kind)
        values.decode(getattr(message, "value", None))
    except WireError:
        pass


def test_refusing_is_quick():
    """A frame of full size with an error at its end is refused within a second."""
    started = time.monotonic()
    refused(
        b"\x92\xa6opaque\xdb"
        + (wire.MAX_FRAME - 16).to_bytes(4, "big")
        + b"x" * (wire.MAX_FRAME - 17),
        wire.Value,
    )
    assert time.monotonic() - started < 1


SWARMS = {
    "empty tensors": (b"\x96\xa6tensor\xa5uint8\x91\x00\xc4\x00\xa3cpu\xc2", 300_000),
    "empty lists": (b"\x92\xa4list\x90", 300_000),
}


@pytest.mark.parametrize("name", SWARMS)
def test_swarm_of_small_values(name):
    """More items than the other side may send are refused, because each costs the trusted side."""
    item, count = SWARMS[name]
    with pytest.raises(WireError):
        values.decode(
            wire.unpack(b"\x92\xa4list\xdd" + count.to_bytes(4, "big") + item * count, wire.Value)
        )
