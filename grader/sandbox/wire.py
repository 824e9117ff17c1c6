"""The door between the trusted and the untrusted side: framed, typed messages.

A frame is four bytes of length (big-endian) and that many bytes of msgpack,
decoded by msgspec against the types below and nothing else. No object is ever
unpickled and no name is ever looked up. ``docs/architecture.md`` draws who
sends what.
"""

from typing import Annotated, Any, BinaryIO, Final, TypeVar, Union

import msgspec

from grader.errors import WireError

# Large enough for any tensor of a check, small enough that a frame full of the
# smallest values is decoded in a second.
MAX_FRAME: Final = 16 * 2**20
HEADER: Final = 4
# What a frame may hold of one thing. The examiner works on each of them, so that each costs it something.
MAX_ITEMS: Final = 100_000
MAX_DIMENSIONS: Final = 64
MAX_FRAMES: Final = 20
MAX_NAME: Final = 200
MAX_PATH: Final = 255
MAX_MESSAGE: Final = 4096
M = TypeVar("M")


class Plain(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """Base of everything on the wire."""


Name = Annotated[str, msgspec.Meta(max_length=MAX_NAME)]
Message = Annotated[str, msgspec.Meta(max_length=MAX_MESSAGE)]

# Values: what an argument or a returned value may be.


class Tensor(Plain, frozen=True, tag="tensor"):
    """A dense tensor: ``data`` holds its elements row by row in this machine's byte order."""

    dtype: Name
    shape: Annotated[list[int], msgspec.Meta(max_length=MAX_DIMENSIONS)]
    data: bytes
    device: Name = "cpu"
    requires_grad: bool = False


class Tuple(Plain, frozen=True, tag="tuple"):
    """A tuple."""

    items: Annotated[list["Value"], msgspec.Meta(max_length=MAX_ITEMS)]


class List(Plain, frozen=True, tag="list"):
    """A list."""

    items: Annotated[list["Value"], msgspec.Meta(max_length=MAX_ITEMS)]


class Dict(Plain, frozen=True, tag="dict"):
    """A dictionary, as pairs of key and value."""

    items: Annotated[list[tuple["Value", "Value"]], msgspec.Meta(max_length=MAX_ITEMS)]


class Dtype(Plain, frozen=True, tag="dtype"):
    """A dtype, by name."""

    name: Name


class Opaque(Plain, frozen=True, tag="opaque"):
    """Something that does not cross: what it is, for people; it equals nothing."""

    description: Message


Value = Union[None, bool, int, float, str, Tensor, Tuple, List, Dict, Dtype, Opaque]


# Requests, from the examiner to a learner process.


class Entry(Plain, frozen=True):
    """A name that the submission must define, and how it will be called."""

    name: str
    parameters: list[str]
    signature: str


class Load(Plain, frozen=True, tag="load"):
    """The first message: the submission, and what it is held to."""

    module: str
    filename: str
    source: bytes
    helpers: dict[str, bytes]
    entries: list[Entry]
    memory_bytes: int
    cpu_seconds: int
    seed: int
    strict: bool = False
    """Refuse to run where a layer of the wall is missing."""
    device: str = "cpu"
    """What has to be ready before the submission is loaded."""


class Call(Plain, frozen=True, tag="call"):
    """Call a function that the submission defines."""

    id: int
    function: str
    arguments: list[Value]
    keywords: dict[str, Value]


class Run(Plain, frozen=True, tag="run"):
    """Run a probe: the source of a function that takes the submission and ``arguments``."""

    id: int
    function: str
    source: str
    arguments: list[Value]


Request = Union[Load, Call, Run]


# Replies, from a learner process. Every field is a claim.


class Confined(Plain, frozen=True, tag="confined"):
    """Sent before the first learner byte runs: layer of the wall to what holds it."""

    isolation: Annotated[dict[Name, str | None], msgspec.Meta(max_length=MAX_FRAMES)]


class Unready(Plain, frozen=True, tag="unready"):
    """Sent in its place where the process could not be made ready, which is no fault of the learner's."""

    reason: str


class Loaded(Plain, frozen=True, tag="loaded"):
    """The submission ran to its end and defines what it must."""


class Returned(Plain, frozen=True, tag="returned"):
    """What the call returned."""

    id: int
    value: Value


class Frame(Plain, frozen=True):
    """One line of a traceback that lies in the learner's own files."""

    file: Annotated[str, msgspec.Meta(max_length=MAX_PATH)]
    line: int
    function: Name


Frames = Annotated[list[Frame], msgspec.Meta(max_length=MAX_FRAMES)]


class Raised(Plain, frozen=True, tag="raised"):
    """An exception; ``exception`` is empty where the submission is unfit without one."""

    id: int
    exception: Name
    bases: Annotated[list[Name], msgspec.Meta(max_length=MAX_FRAMES)]
    message: Message
    frames: Frames


class Forbidden(Plain, frozen=True, tag="forbidden"):
    """The submission used what its exercise forbids."""

    id: int
    name: Name
    frames: Frames


Reply = Union[Confined, Unready, Loaded, Returned, Raised, Forbidden]


# Between the examiner and its fork server.


class Spawn(Plain, frozen=True, tag="spawn"):
    """Fork a learner process; three descriptors travel along: requests, replies, output."""

    forbidden: list[str]
    """What the submission may not use."""
    subprocesses: bool
    """Whether it may start programs and talk to them."""
    gpu: bool = False
    """Whether it may use the machine's GPU."""


class Reap(Plain, frozen=True, tag="reap"):
    """End the learner process and all it started."""


class Ready(Plain, frozen=True, tag="ready"):
    """The fork server's first word: where learner processes can read."""

    readable: list[str]


class Spawned(Plain, frozen=True, tag="spawned"):
    """A learner process runs; a descriptor comes along that is readable once it is dead."""


class NotSpawned(Plain, frozen=True, tag="not-spawned"):
    """There is none, for want of something that the machine should have."""

    reason: str


class Reaped(Plain, frozen=True, tag="reaped"):
    """How it had ended: ``status`` as ``os.waitstatus_to_exitcode`` gives it."""

    status: int
    overflowed: bool = False
    """It was ended for writing more than it may."""


_encoder = msgspec.msgpack.Encoder()


def pack(message: Any) -> bytes:
    """``message`` as one frame."""
    try:
        payload = _encoder.encode(message)
    except (UnicodeEncodeError, RecursionError) as error:
        raise WireError(f"a message that cannot be sent: {error}") from None
    if len(payload) > MAX_FRAME:
        raise WireError(
            f"a message of {len(payload):,} bytes is over the {MAX_FRAME:,} that a frame holds"
        )
    return len(payload).to_bytes(HEADER, "big") + payload


def frame_size(header: bytes) -> int:
    """Payload bytes that ``header`` announces; refused over ``MAX_FRAME``."""
    size = int.from_bytes(header, "big")
    if size > MAX_FRAME:
        raise WireError(f"a frame announces {size:,} bytes, over the {MAX_FRAME:,} allowed")
    return size


def unpack(payload: bytes, kind: type[M]) -> M:
    """The message in ``payload``, which must be of type ``kind`` to the letter."""
    try:
        return _decoder(kind).decode(payload)  # type: ignore[no-any-return]
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise WireError(f"a malformed message: {error}") from None


def send(stream: BinaryIO, message: Any) -> None:
    """Write one frame to a blocking stream."""
    stream.write(pack(message))
    stream.flush()


def receive(stream: BinaryIO, kind: type[M]) -> M | None:
    """Read one frame from a blocking stream; None where the stream ends between frames."""
    header = stream.read(HEADER)
    if not header:
        return None
    payload = stream.read(frame_size(header)) if len(header) == HEADER else b""
    if len(header) < HEADER or len(payload) < frame_size(header):
        raise WireError("the stream ended inside a frame")
    return unpack(payload, kind)


_decoders: dict[Any, msgspec.msgpack.Decoder[Any]] = {}


def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    if kind not in _decoders:
        _decoders[kind] = msgspec.msgpack.Decoder(kind, strict=True)
    return _decoders[kind]
