"""The messages between the trusted and the untrusted side, and how they become bytes.

A frame is a length of four bytes (big-endian) and as many bytes of msgpack. msgspec
decodes it as one of the types below and nothing else. Nothing is unpickled, and no
name is looked up. ``docs/architecture.md`` shows who sends what.
"""

import functools
from enum import Enum
from typing import Annotated, Any, BinaryIO, Literal, TypeVar, Union

import msgspec

from grader.errors import WireError
from grader.system import SYSTEM

# Large enough for every tensor of a check. Small enough that a frame full of the smallest values
# is decoded in a second.
MAX_FRAME = 16 * 2**20
HEADER = 4
# Limits for the parts of a message, because the examiner spends time on each of them.
MAX_ITEMS = 100_000
# Items of a message, with the fields of its records. MAX_ITEMS lists have three each.
MAX_TOKENS = 400_000
# Bytes of a message that need no look before it is decoded: they become less than 2 MiB.
SMALL_PAYLOAD = 2**14
# Levels of arrays: three for each list in a list, and those of the message around them.
MAX_LEVELS = 110
# UTF-8 bytes of one text, which can take four times as much memory.
MAX_TEXT = 2**20
MAX_DIMENSIONS = 64
MAX_FRAMES = 20
MAX_NAME = 200
MAX_PATH = 255
MAX_MESSAGE = 4096
LAYERS = ("files", "processes", "network", "syscalls", "resources", "privileges", "secrets")
"""The layers of the sandbox, of which a learner process reports which apply to it."""
M = TypeVar("M")


class Plain(
    msgspec.Struct,
    frozen=True,
    array_like=True,
    forbid_unknown_fields=True,
    gc=False,
    tag=str.lower,
):
    """Base class of everything on the wire: an array of the class's name and its fields."""


Name = Annotated[str, msgspec.Meta(max_length=MAX_NAME)]
Message = Annotated[str, msgspec.Meta(max_length=MAX_MESSAGE)]
Sizes = Annotated[list[int], msgspec.Meta(max_length=MAX_DIMENSIONS)]

# Values: arguments and results.


class Tensor(Plain, frozen=True):
    """A dense tensor. ``data`` has its elements row by row in the byte order of this machine.

    ``strides`` are those of a tensor that is not contiguous; None stands for a contiguous one.
    """

    dtype: Name
    shape: Sizes
    data: bytes
    device: Name = "cpu"
    requires_grad: bool = False
    strides: Sizes | None = None


class Tuple(Plain, frozen=True):
    """A tuple."""

    items: "Items"


class List(Plain, frozen=True):
    """A list."""

    items: "Items"


class Dict(Plain, frozen=True):
    """A dictionary, as pairs of key and value."""

    items: Annotated[list[tuple["Value", "Value"]], msgspec.Meta(max_length=MAX_ITEMS)]


class Dtype(Plain, frozen=True):
    """A dtype, by name."""

    name: Name


class Opaque(Plain, frozen=True):
    """A value that cannot be sent, described for people. It equals nothing."""

    description: Message


Value = Union[None, bool, int, float, str, Tensor, Tuple, List, Dict, Dtype, Opaque]
Items = Annotated[list[Value], msgspec.Meta(max_length=MAX_ITEMS)]


# Requests, from the examiner to a learner process.


class Entry(Plain, frozen=True, tag=False):
    """A name that the submission must define, and how the checks call it."""

    name: str
    parameters: list[str]
    signature: str


class Load(Plain, frozen=True):
    """The first request: the submission, and the limits for it.

    ``required`` are the layers of the sandbox without which it must not run. ``device`` must be
    ready before the submission is loaded. ``cells`` are the lines at which the cells of a
    notebook begin; a file has none. The two times are for loading, in CPU time and by the
    clock. With ``definitions_only``, only definitions and imports run once everything is
    defined.
    """

    module: str
    filename: str
    source: bytes
    helpers: dict[str, bytes]
    entries: list[Entry]
    memory_bytes: int
    cpu_seconds: int
    seed: int
    required: list[Name] = []
    device: str = "cpu"
    cells: list[int] = []
    load_seconds: float = 60.0
    load_clock_seconds: float = 60.0
    definitions_only: bool = False


class Call(Plain, frozen=True):
    """Call a function that the submission defines.

    ``rehearse`` calls it with other values before.
    """

    id: int
    function: str
    arguments: list[Value]
    keywords: dict[str, Value]
    rehearse: bool = False


class Run(Plain, frozen=True):
    """Run a probe: a function in ``source`` that gets the submission and ``arguments``."""

    id: int
    function: str
    source: str
    arguments: list[Value]


Request = Load | Call | Run


# Replies, from a learner process. Learner code can forge every field.


class Prepared(Plain, frozen=True):
    """Sent before any learner code runs: the mechanism behind each layer of the sandbox.

    None means that the layer is missing.
    """

    isolation: Annotated[dict[Name, str | None], msgspec.Meta(max_length=MAX_FRAMES)]


class NotPrepared(Plain, frozen=True):
    """Sent instead if the process could not prepare, which is no fault of the submission."""

    reason: str


SideEffectKind = Literal["mutates_input", "changes_state", "draws_random", "changes_result"]


class SideEffect(Plain, frozen=True, tag=False):
    """Something that a call changed besides returning a value.

    ``what`` is a word for it, such as ``values``; ``name`` is that of the argument or function.
    """

    kind: SideEffectKind
    what: Name
    name: Name = ""


SideEffects = Annotated[list[SideEffect], msgspec.Meta(max_length=MAX_FRAMES)]


class Returned(Plain, frozen=True):
    """The result of the call."""

    id: int
    value: Value
    side_effects: SideEffects = []


class Frame(Plain, frozen=True, tag=False):
    """A line of a traceback that is in a file of the submission."""

    file: Annotated[str, msgspec.Meta(max_length=MAX_PATH)]
    line: int
    function: Name


Frames = Annotated[list[Frame], msgspec.Meta(max_length=MAX_FRAMES)]


class Raised(Plain, frozen=True):
    """An exception.

    ``exception`` is empty if there was none, but the submission does not define what it
    must. ``bases`` are the built-in exceptions that it derives from.
    """

    id: int
    exception: Name
    bases: Annotated[list[Name], msgspec.Meta(max_length=MAX_FRAMES)]
    message: Message
    frames: Frames
    side_effects: SideEffects = []


class Forbidden(Plain, frozen=True):
    """The submission used something that its exercise forbids."""

    id: int
    name: Name
    frames: Frames


class Missing(Plain, frozen=True, tag=False):
    """A package that is not available, and the place of its import."""

    package: Name
    frame: Frame


class Loaded(Plain, frozen=True):
    """The submission defines what it must.

    ``failed`` are the first cells that did not run to their end.
    """

    failed: Annotated[list[Raised | Forbidden], msgspec.Meta(max_length=MAX_FRAMES)] = []
    missing: Annotated[list[Missing], msgspec.Meta(max_length=MAX_FRAMES)] = []


Reply = Prepared | NotPrepared | Loaded | Returned | Raised | Forbidden


class Used(Plain, frozen=True):
    """What a spawned learner process has used so far; it comes between and before its replies.

    ``memory_bytes`` is the most memory since its start, or 0 if that is unknown.
    """

    cpu_seconds: float
    memory_bytes: int


# Between the examiner and its fork server.


class Spawn(Plain, frozen=True):
    """Fork a learner process. Three descriptors come along: requests, replies and output.

    The submission may not use what is ``forbidden``. It may start programs and communicate
    with them if ``subprocesses``, and use the GPUs of the machine if ``gpu``. ``memory_bytes``
    is what each of its processes may allocate, or 0 if that is not known yet. It runs on ``cpu``
    alone, or on any if that is None.
    """

    forbidden: list[str]
    subprocesses: bool
    gpu: bool = False
    memory_bytes: int = 0
    cpu: int | None = None


class Reap(Plain, frozen=True):
    """Kill the learner process and all processes that it started."""


ServerRequest = Spawn | Reap

# Requests to a spawned learner process, which learns what is forbidden before it gets a file.
SpawnedRequest = Spawn | Load | Call | Run


class Ready(Plain, frozen=True):
    """The first message of the fork server: the paths that learner processes can read."""

    readable: list[str]


class Spawned(Plain, frozen=True):
    """The learner process runs. A pidfd of it comes along."""


class NotSpawned(Plain, frozen=True):
    """There is no learner process, because the machine lacks something."""

    reason: str


class Reaped(Plain, frozen=True):
    """How the learner process ended.

    ``status`` is the result of ``os.waitstatus_to_exitcode``. ``overflowed`` means that it
    was killed because it wrote more to its home than it may.
    """

    status: int
    overflowed: bool = False


class _Kind(Enum):
    """What follows the first byte of a msgpack value."""

    FIXED = "bytes"
    BINARY = "a length and bytes"
    TEXT = "a length and UTF-8"
    EXTENSION = "a length, a type and bytes"
    ARRAY = "the number of items"
    MAP = "the number of pairs"


# First byte to the width of what follows: of the length, the number, or the value itself.
_HEADS: dict[int, tuple[int, _Kind]] = {
    **dict.fromkeys((0xC0, 0xC1, 0xC2, 0xC3), (0, _Kind.FIXED)),
    **{0xC4 + power: (2**power, _Kind.BINARY) for power in range(3)},
    **{0xC7 + power: (2**power, _Kind.EXTENSION) for power in range(3)},
    **{0xCA + power: (4 * 2**power, _Kind.FIXED) for power in range(2)},
    **{0xCC + power: (2**power, _Kind.FIXED) for power in range(4)},
    **{0xD0 + power: (2**power, _Kind.FIXED) for power in range(4)},
    # The type and the bytes of an extension with a fixed length.
    **{0xD4 + power: (1 + 2**power, _Kind.FIXED) for power in range(5)},
    **{0xD9 + power: (2**power, _Kind.TEXT) for power in range(3)},
    **{0xDC + power: (2 * 2**power, _Kind.ARRAY) for power in range(2)},
    **{0xDE + power: (2 * 2**power, _Kind.MAP) for power in range(2)},
}
_encoder = msgspec.msgpack.Encoder()


def pack(message: Any) -> bytes:
    """Return ``message`` as a frame. Raises ``WireError`` if a frame cannot contain it."""
    try:
        payload = _encoder.encode(message)
    except (UnicodeEncodeError, RecursionError) as error:
        raise WireError(f"a message cannot be sent: {error}") from None

    size = len(payload)
    if size > MAX_FRAME:
        raise WireError(f"a message has {size:,} bytes; a frame holds {MAX_FRAME:,}")

    return size.to_bytes(HEADER, "big") + payload


def frame_size(header: bytes) -> int:
    """Return the number of bytes after ``header``. Raises ``WireError`` over ``MAX_FRAME``."""
    size = int.from_bytes(header, "big")
    if size > MAX_FRAME:
        raise WireError(f"a frame announces {size:,} bytes; at most {MAX_FRAME:,} are allowed")
    return size


def first_payload(data: bytes | bytearray) -> bytes | None:
    """Return the payload of the frame at the start of ``data``, or None if it is incomplete."""
    if len(data) < HEADER:
        return None

    end = HEADER + frame_size(bytes(data[:HEADER]))
    if len(data) < end:
        return None

    return bytes(data[HEADER:end])


def check_size(payload: bytes) -> None:
    """Raise ``WireError`` if decoding ``payload`` would take much more memory than its bytes.

    This reads the heads of the msgpack values, and creates no object for them: 16 MiB of empty
    lists would become more than a GiB. A small message cannot take much memory.
    """
    if len(payload) <= SMALL_PAYLOAD:
        return
    place = 0
    end = len(payload)
    left = [1]
    for _ in range(MAX_TOKENS):
        while left and left[-1] == 0:
            left.pop()
        if not left or place >= end:
            # The decoder says what is wrong with a message that ends too early.
            return
        left[-1] -= 1
        code = payload[place]
        items, size, is_text = _head(payload, place, code)
        if is_text and size > MAX_TEXT:
            raise WireError(f"a text has more than {MAX_TEXT:,} bytes")
        place += size
        if items:
            left.append(items)
            if len(left) > MAX_LEVELS:
                raise WireError("a message is nested too deep")

    raise WireError(f"a message has more than {MAX_TOKENS:,} parts")


def _head(payload: bytes, place: int, code: int) -> tuple[int, int, bool]:
    """The number of items of the msgpack value at ``place``, its other bytes, and if it is text.

    The formats are in the specification of msgpack, "Overview".
    """
    if code < 0x80 or code >= 0xE0:
        return 0, 1, False
    if code < 0x90:
        return 2 * (code & 0x0F), 1, False
    if code < 0xA0:
        return code & 0x0F, 1, False
    if code < 0xC0:
        return 0, 1 + (code & 0x1F), True

    width, kind = _HEADS[code]
    number = int.from_bytes(payload[place + 1 : place + 1 + width], "big")
    if kind is _Kind.ARRAY:
        return number, 1 + width, False
    if kind is _Kind.MAP:
        return 2 * number, 1 + width, False
    if kind is _Kind.EXTENSION:
        # The byte after the length is the type.
        return 0, 2 + width + number, False
    if kind is _Kind.FIXED:
        return 0, 1 + width, False
    return 0, 1 + width + number, kind is _Kind.TEXT


def unpack(payload: bytes, kind: type[M]) -> M:
    """Return the message in ``payload``. Raises ``WireError`` if it is not exactly a ``kind``."""
    try:
        return _decoder(kind).decode(payload)  # type: ignore[arg-type, no-any-return]
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise WireError(f"a malformed message: {error}") from None


def send(stream: BinaryIO, message: Any) -> None:
    """Write one frame to a blocking stream.

    Raises ``BrokenPipeError`` if the process that reads has ended.
    """
    frame = pack(message)
    try:
        stream.write(frame)
        stream.flush()
    except OSError as error:
        if SYSTEM.is_reader_gone(error):
            raise BrokenPipeError(*error.args) from None

        raise


def receive(stream: BinaryIO, kind: type[M]) -> M | None:
    """Read one frame from a blocking stream; return None if the stream ends before it.

    Raises ``WireError`` if the stream ends inside the frame.
    """
    header = stream.read(HEADER)
    if not header:
        return None

    if len(header) == HEADER:
        size = frame_size(header)
        payload = stream.read(size)
        if len(payload) == size:
            return unpack(payload, kind)

    raise WireError("the stream ended inside a frame")


@functools.cache
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind, strict=True)
