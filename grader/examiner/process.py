"""The examiner's end of a learner process: requests have deadlines, and it can be ended.

A learner process is forked (``examiner.forked``) or spawned (``examiner.spawned``).
"""

import abc
import math
import time
from collections.abc import Callable
from typing import Final

import msgspec

from grader.errors import ExaminerError, WireError
from grader.examiner import failures
from grader.examiner.failures import LearnerFailure
from grader.grades.grade import Outcome
from grader.sandbox import wire

MAX_DRAINED: Final = 256 * 2**20
"""Bytes that a submission may print."""
Client = Callable[[], int | None]
"""Returns a descriptor that hangs up when nobody waits for the grade any more."""
KILLED: Final = -9
"""The status of a process that the grader ended."""
COURSE: Final = "course"
"""The owner of the processes in which the wrong solutions of a course run."""
# At least this many seconds pass between two looks at the CPU time of a process that waits.
_LOOK_SECONDS: Final = 0.02


class Deadline(msgspec.Struct, frozen=True):
    """When a reply must have arrived: whichever of the two ends first."""

    end: float
    """In seconds of ``time.monotonic``."""
    cpu_seconds: float = math.inf
    """CPU time that the process may use until then."""


class Output:
    """What the learner's code printed: the first ``cap`` bytes, and the number of all."""

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.kept = bytearray()
        self.drained = 0

    def add(self, data: bytes) -> None:
        """Add what was printed next."""
        self.drained += len(data)
        room = self.cap - len(self.kept)
        if room > 0:
            self.kept += data[:room]

    def mute(self) -> None:
        """Keep nothing that is printed from now on."""
        self.cap = len(self.kept)


class LearnerProcess(abc.ABC):
    """One learner process. Each byte of a reply has a deadline."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._received = bytearray()
        self.size = 0
        """Bytes of the last reply."""
        self.has_served = False
        """Whether learner code has run in it, so that its replies can be forged."""
        # Whether the first reply has arrived. Learner code prints only after it.
        self._is_prepared = False
        # Whether there may be output that was printed before the last reply.
        self._may_have_printed = True
        # CPU seconds that it has used, and how many of them ``take_cpu_seconds`` returned.
        self._used = self._taken = 0.0

    def ask(self, request: wire.Request, deadline: Deadline) -> wire.Reply:
        """Send ``request`` and wait for one reply; raises ``LearnerFailure`` if none arrives."""
        return self._exchange(wire.pack(request), deadline)

    def receive(self, deadline: Deadline) -> wire.Reply:
        """Wait for one more reply; raises ``LearnerFailure`` if none arrives."""
        return self._exchange(b"", deadline)

    def take_cpu_seconds(self) -> float:
        """Return the CPU seconds that the process used since the last call."""
        self._measure()
        taken = max(0.0, self._used - self._taken)
        self._taken = self._used
        return taken

    @abc.abstractmethod
    def end(self) -> wire.Reaped:
        """Kill the process, and return how it ended."""

    def release(self) -> None:
        """Give up the process, which may then serve its owner again."""
        self.end()

    @abc.abstractmethod
    def _transfer(self, data: bytes, deadline: Deadline) -> bytes:
        """Write ``data``, and return the payload of one frame; read what is printed meanwhile.

        Raises ``EOFError`` if the process ends or closes its pipe, and ``TimeoutError``.
        """

    @abc.abstractmethod
    def _drain(self) -> None:
        """Read what was printed so far."""

    @abc.abstractmethod
    def _measure(self) -> None:
        """Read its CPU time. It stays the same once the process has ended."""

    @abc.abstractmethod
    def _is_dying(self) -> bool:
        """Whether a process that closed its pipe also ended, or does so at once."""

    def _exchange(self, data: bytes, deadline: Deadline) -> wire.Reply:
        try:
            payload = self._transfer(data, deadline)
            wire.check_size(payload)
            reply: wire.Reply = wire.unpack(payload, wire.Reply)  # type: ignore[arg-type]
            # Learner code may already run, but what it prints belongs to the next exchange: a
            # failure of this one would be the grader's.
            if self._is_prepared and self._may_have_printed:
                self._drain()
            self._is_prepared = True
        except EOFError:
            is_alive = not self._is_dying()
            failure = failures.of_death(self.end())
            if is_alive:
                failure = failures.crash("Your code closed the connection to the grader.")
        except TimeoutError:
            reaped = self.end()
            failure = failures.of_death(reaped)
            # The grader killed it, unless the process broke another limit first.
            if reaped.status == KILLED and not reaped.overflowed:
                failure = LearnerFailure(Outcome.TIMEOUT, "")
        except MemoryLimitError as error:
            self.end()
            failure = failures.of_memory(error.mebibytes)
        except WireError as error:
            self.end()
            failure = failures.of_garbage(str(error))
        except FloodError:
            self.end()
            failure = failures.crash(f"Your code printed more than {MAX_DRAINED >> 20} MiB.")
        else:
            return reply

        raise failure

    def _seconds_left(self, deadline: Deadline) -> float:
        """Return how long a reply can be waited for before the time must be looked at again."""
        self._measure()
        cpu_seconds = deadline.cpu_seconds - (self._used - self._taken)
        seconds = min(deadline.end - time.monotonic(), cpu_seconds)
        if seconds <= 0:
            raise TimeoutError
        return max(seconds, _LOOK_SECONDS)

    def _take_frame(self) -> bytes | None:
        if len(self._received) < wire.HEADER:
            return None

        end = wire.HEADER + wire.frame_size(bytes(self._received[: wire.HEADER]))
        if len(self._received) < end:
            return None

        payload = bytes(self._received[wire.HEADER : end])
        # The next reply may have begun.
        del self._received[:end]
        self.size = len(payload)
        return payload

    def _keep_output(self, data: bytes) -> None:
        self._output.add(data)
        if self._output.drained > MAX_DRAINED:
            raise FloodError


class Processes(abc.ABC):
    """Where an examiner gets its learner processes from, one at a time."""

    ready_seconds = 20
    """Seconds until a process has prepared itself."""
    readable: list[str]
    """Folders that these processes can read. No course may be there."""

    def __init__(self) -> None:
        self.lost = False
        """Whether this failed or died. The examiner must then be started again."""
        self.client: Client = lambda: None

    @abc.abstractmethod
    def start(self, request: wire.Spawn, output: Output, owner: object = None) -> LearnerProcess:
        """Return a learner process, in which no learner code has run yet.

        A process that its ``owner`` released may serve the same owner again, if it is not None.
        """

    @abc.abstractmethod
    def isolation(self, request: wire.Spawn) -> dict[str, str | None]:
        """Return each sandbox layer of these processes with what provides it, or None."""

    @abc.abstractmethod
    def end_kept(self) -> None:
        """End the process that its owner released, because the submission is graded."""

    @abc.abstractmethod
    def close(self) -> None:
        """End all processes."""

    def failed(self, reason: str | None) -> ExaminerError:
        """Mark this as lost; return the error to raise."""
        self.lost = True
        return ExaminerError(f"no process for the submission could be created ({reason})")


class FloodError(Exception):
    """The submission printed more than ``MAX_DRAINED`` bytes."""


class MemoryLimitError(Exception):
    """The submission used more memory than it may."""

    def __init__(self, mebibytes: int) -> None:
        super().__init__(f"more than {mebibytes} MiB")
        self.mebibytes = mebibytes
