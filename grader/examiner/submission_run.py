"""One submission in its checks: its process, its deadlines, and a record of its calls."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import msgspec

from grader.course.records import PATIENCE, Check, CodeExercise
from grader.errors import ExaminerError, WireError
from grader.examiner import failures
from grader.examiner.failures import LearnerFailure
from grader.examiner.process import Deadline, LearnerProcess, Output, Processes
from grader.grades.grade import Outcome
from grader.grades.isolation import missing, refused
from grader.sandbox import values, wire
from grader.submission.files import Submission

MAX_KEPT: Final = 32 * 2**20
"""Bytes of memory for the replies that are recorded for one submission."""
MAX_OVERRUNS: Final = 2
"""A submission may run out of time in this many checks; the rest is not run."""
# Code that uses less than this share of its CPU time until the clock ends it sleeps.
_SLEEPS: Final = 0.1
# A process may take this much longer until its device is ready.
_DEVICE_SECONDS: Final = 30
# A process that has served the submission is given up if it does not answer in this time.
_RELOAD_SECONDS: Final = 5
# After this error of PyTorch, the process cannot use its device any more.
_DEVICE_LOST: Final = "CUDA error"
COTANGENT: Final = "gradient of the result"
"""The name under which a gradient that is sent back stands beside the arguments of a call."""
T = TypeVar("T")
MakeRequest = Callable[[int], wire.Request]
"""Makes a request with the number that its reply must have."""
Again = Callable[[dict[str, wire.Value]], MakeRequest]
"""The same call with other arguments."""


class _TimeLimit:
    """What is left of ``seconds`` of CPU time, and of the longer time by the clock."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.cpu_left = seconds
        self.clock_left = seconds * PATIENCE

    @property
    def is_over(self) -> bool:
        return self.cpu_left <= 0 or self.clock_left <= 0

    @property
    def waits(self) -> bool:
        """Whether the clock ended it, because the submission used little CPU time."""
        return self.clock_left <= 0 < self.cpu_left

    @property
    def was_slowed(self) -> bool:
        """Whether other work can be why it is over, also by slowing down a shared core.

        Code that used hardly any CPU time sleeps: to give it so little, a core would have to do
        fifty times its work.
        """
        used = self.seconds - self.cpu_left
        return used > _SLEEPS * self.seconds

    @property
    def exceeded(self) -> float:
        """The seconds to name once it is over."""
        return self.seconds * PATIENCE if self.waits else self.seconds


class Exchange(msgspec.Struct, frozen=True):
    """One request to a submission, and its reply."""

    call: str
    """The call as text: ``lookup(weight, idx)``; empty for a probe."""
    note: str
    """What the probe does."""
    given: dict[str, wire.Value]
    """Arguments as they were sent. A check may change its own copies later."""
    reply: wire.Reply | None
    """None if no valid reply arrived, or if too much is recorded already. It has no value."""
    value: Any = None
    """The returned value. It is decoded once, for the check, feedback and diagnosis."""
    again: Again | None = None
    """None for a probe, which may do more than call a function."""


class SubmissionRun:
    """One submission that hidden checks call, in a sandboxed process.

    One process answers all checks. After a crash, the next check gets a new one.
    A submission that cannot be loaded is not loaded again.
    """

    def __init__(
        self,
        processes: Processes,
        exercise_id: str,
        spec: CodeExercise,
        submission: Submission,
        seed: int,
        *,
        required: Sequence[str] = (),
        device: str = "cpu",
        max_overruns: int = MAX_OVERRUNS,
        is_last_try: bool = True,
        owner: object = None,
    ) -> None:
        self.device = device
        self.limits = spec.limits
        self.entries = {entry.name: entry for entry in spec.entries}
        self.output = Output(spec.limits.output_kib * 1024)
        self.isolation: dict[str, str | None] = {}
        self.exchanges: list[Exchange] = []
        self.on_answer: Callable[..., object] = lambda *_: None
        """Called with each request, its reply, and what the learner reads about it."""
        self.overruns = 0
        """How often a time limit ran out. After ``max_overruns``, no more checks run."""
        self.used_up = False
        """Whether a call used up its CPU time, which other work on the machine rarely causes."""
        self.was_slowed = False
        """Whether other work on the machine may be why a time limit ran out."""
        self._max_overruns = max_overruns
        self._is_last_try = is_last_try
        self.side_effects: tuple[LearnerFailure, list[Exchange]] | None = None
        """The first failure because of side effects, with the call if learners may see it."""
        self._allowed = spec.allow
        self._side_effects_check = spec.side_effects_check
        self._check: Check | None = None

        self._processes = processes
        self._owner = owner
        # It starts with the first call, because a check may need none.
        self._process: LearnerProcess | None = None
        # A name that an author wrote twice is refused once.
        forbidden = list(dict.fromkeys(spec.forbidden))
        memory_bytes = spec.limits.memory_mib * 2**20
        self._spawn = wire.Spawn(forbidden, spec.subprocesses, device == "cuda", memory_bytes)

        self.loaded: wire.Loaded | None = None
        """What failed while the submission was loaded; None before it was."""
        self.load_crash = ""
        """Why loading the whole submission failed, if its definitions alone were loaded."""
        self._load_failure: LearnerFailure | None = None
        self._device_seconds = 0 if device == "cpu" else _DEVICE_SECONDS
        self._load = self._load_request(exercise_id, submission, seed, required)

        self._requests = 0
        self._free_bytes = MAX_KEPT
        self._case_bytes = 0
        # What the last value takes in memory.
        self._reply_bytes = 0
        # By the clock, only the time in which the examiner waits for the submission counts.
        self._check_limit = _TimeLimit(spec.limits.seconds)
        self._total = _TimeLimit(spec.limits.total_seconds)

    def _load_request(
        self, exercise_id: str, submission: Submission, seed: int, required: Sequence[str]
    ) -> wire.Load:
        limits = self.limits
        load_seconds = min(limits.load_seconds, limits.total_seconds)
        # The examiner measures more closely; the kernel stops what escapes it.
        cpu_seconds = int(limits.total_seconds + self._device_seconds) + 1
        entries = []
        for name, entry in self.entries.items():
            entries.append(wire.Entry(name, entry.parameters, entry.signature))
        return wire.Load(
            module=exercise_id,
            filename=submission.name,
            source=submission.source,
            helpers=submission.helpers,
            entries=entries,
            memory_bytes=self._spawn.memory_bytes,
            cpu_seconds=cpu_seconds,
            seed=seed,
            required=list(required),
            device=self.device,
            cells=submission.starts,
            load_seconds=load_seconds,
            load_clock_seconds=load_seconds * PATIENCE,
        )

    @property
    def cpu_seconds(self) -> float:
        """CPU time that the submission has used."""
        return self._total.seconds - self._total.cpu_left

    def begin_check(self, check: Check) -> None:
        """Start the time limit of a check."""
        self._check = check
        # The diagnosis needs the record of the previous check, so its bytes are not freed.
        self._case_bytes = 0
        self._check_limit = _TimeLimit(self.limits.seconds)

    def begin_case(self) -> None:
        """Start the record of a case; drop the record of the previous case, which passed."""
        self._free_bytes += self._case_bytes
        self._case_bytes = 0
        self.exchanges = []

    def close(self) -> None:
        """Give up the learner process."""
        process, self._process = self._process, None
        if process is not None:
            process.release()

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def ask(
        self,
        request: MakeRequest,
        call: str,
        note: str,
        given: dict[str, wire.Value],
        again: Again | None = None,
    ) -> Any:
        """Send a request and return the value; raises ``LearnerFailure`` if there is none."""
        self._requests += 1
        process = self._loaded_process()
        reply: wire.Reply | None = None
        value: Any = None
        side_effects: LearnerFailure | None = None
        sent = request(self._requests)
        try:
            answer, value = self._exchange(
                lambda deadline: self._answer(process, sent, deadline),
                self._check_limit,
            )
            self.on_answer(sent, answer, call, note, given)
            # Learner code can write to the pipe, so any message can arrive.
            if not isinstance(answer, wire.Returned | wire.Raised | wire.Forbidden):
                raise self._garbage("a reply of the wrong type")
            if answer.id != self._requests:
                raise self._garbage("a reply to another request")
            if not isinstance(answer, wire.Forbidden):
                side_effects = self._side_effects(answer)
            if not isinstance(answer, wire.Returned):
                reply = answer
                raise self._failure(answer)
            # A submission could fill the examiner's memory with large values.
            size = self._reply_bytes
            if size <= self._free_bytes:
                self._free_bytes -= size
                self._case_bytes += size
                reply = wire.Returned(answer.id, None)
            if side_effects is not None and self._side_effects_check in (None, self._check):
                raise side_effects
            return value
        finally:
            if reply is None:
                value = None
            exchange = Exchange(
                call=call,
                note=note,
                given=given,
                reply=reply,
                value=value,
                again=again,
            )
            self.exchanges.append(exchange)
            if side_effects is not None and self.side_effects is None:
                # The inputs of a hidden check must not appear on the page of a visible one.
                is_shown = self._check is None or self._check.visible
                if is_shown:
                    self.side_effects = side_effects, [exchange]
                else:
                    self.side_effects = failures.of_hidden_side_effects(), []

    def _side_effects(self, reply: wire.Returned | wire.Raised) -> LearnerFailure | None:
        """Return the failure because of what a call changed, or None."""
        effects = [each for each in reply.side_effects if each.kind not in self._allowed]
        return failures.of_side_effects(effects) if effects else None

    def _answer(
        self, process: LearnerProcess, request: wire.Request, deadline: Deadline
    ) -> tuple[wire.Reply, Any]:
        """Return the reply and the value in it.

        Decoding counts as time of the submission, because the submission decides how long it takes.
        """
        reply = process.ask(request, deadline)
        if not isinstance(reply, wire.Returned):
            return reply, None

        try:
            value, memory = values.decode_and_measure(reply.value)
        except WireError as error:
            raise self._garbage(str(error)) from None

        # The record keeps the frame and the value made from it.
        self._reply_bytes = process.size + memory
        return reply, value

    def _loaded_process(self) -> LearnerProcess:
        if self._load_failure is not None:
            raise self._load_failure
        if self._total.is_over:
            raise failures.not_run("other checks used up the time for the whole submission")
        if self.overruns >= self._max_overruns:
            raise failures.not_run("other checks took too long")
        if self._process is None:
            try:
                self._start()
            except LearnerFailure as failure:
                # Loading it again would waste the time limit of each check.
                self._load_failure = failure
                raise

        assert self._process is not None
        return self._process

    def _start(self) -> None:
        """Start a process and load the submission; if that crashes, only its definitions."""
        try:
            self._start_process()
        except LearnerFailure as failure:
            if not self._may_try_definitions(failure):
                raise
            self._load = msgspec.structs.replace(self._load, definitions_only=True)
            overruns = self.overruns
            try:
                self._start_process()
            except LearnerFailure:
                # The first failure is the one to tell about.
                self.overruns = overruns
                raise failure from None
            self.overruns = 0
            self.load_crash = str(failure)

    def _may_try_definitions(self, failure: LearnerFailure) -> bool:
        if self._load.definitions_only or self._total.is_over:
            return False
        if failure.outcome is Outcome.TIMEOUT:
            # The first of two tries ends with an overrun.
            return self._is_last_try
        return failure.outcome is Outcome.CRASHED

    def _start_process(self) -> None:
        self._process = process = self._ready_process()
        # Preparing the process is our work.
        process.take_cpu_seconds()
        try:
            loaded = self._exchange(process.receive, _TimeLimit(self._load.load_seconds))
            if not isinstance(loaded, wire.Loaded):
                raise self._failure(loaded)
        except LearnerFailure:
            self._end_process()
            raise

        self.loaded = loaded

    def _ready_process(self) -> LearnerProcess:
        """Start a process in its sandbox. No learner code runs yet, so any failure is ours."""
        process = self._processes.start(self._spawn, self.output, self._owner)
        if process.has_served:
            if self._is_ready_again(process):
                return process
            process = self._processes.start(self._spawn, self.output)
        seconds = self._processes.ready_seconds + self._device_seconds
        problem = "an unexpected reply"
        first: wire.Reply | None = None
        try:
            first = process.ask(self._load, Deadline(time.monotonic() + seconds))
        except LearnerFailure as failure:
            problem = str(failure) or f"not ready within {seconds} seconds"

        if not isinstance(first, wire.Prepared):
            # The fork server may be damaged, so the examiner is started again.
            self._processes.lost = True
            process.end()
            if isinstance(first, wire.NotPrepared):
                problem = first.reason
            where = f" on {self._load.device}" if self._device_seconds else ""
            raise ExaminerError(
                f"no process for the submission could be started{where} ({problem})"
            )

        self.isolation = first.isolation
        # The process refuses too; neither side depends on the other.
        lacking = missing(first.isolation, self._load.required)
        if lacking:
            process.end()
            raise refused(lacking, self._load.required)

        return process

    def _is_ready_again(self, process: LearnerProcess) -> bool:
        """Let a process load the submission again; end it and return False if it does not."""
        try:
            first = process.ask(self._load, Deadline(time.monotonic() + _RELOAD_SECONDS))
        except LearnerFailure:
            return False
        if not isinstance(first, wire.Prepared):
            process.end()
            return False
        # Learner code has run in it and may have made this up. The grade names the layers of the
        # first run.
        self.isolation = first.isolation
        return True

    def _exchange(self, exchange: Callable[[Deadline], T], limit: _TimeLimit) -> T:
        """Run ``exchange`` within ``limit``; forget the process if it fails."""
        process = self._process
        assert process is not None
        total = self._total
        started = time.monotonic()
        worked = time.thread_time()
        deadline = Deadline(
            started + min(limit.clock_left, total.clock_left),
            min(limit.cpu_left, total.cpu_left),
        )
        try:
            result = exchange(deadline)
            is_timeout = False
        except (LearnerFailure, ExaminerError) as error:
            self._process = None
            is_timeout = isinstance(error, LearnerFailure) and error.outcome is Outcome.TIMEOUT
            if not is_timeout:
                raise
        finally:
            seconds = time.monotonic() - started
            # A submission can send a reply that takes the examiner long to decode.
            cpu_seconds = process.take_cpu_seconds() + time.thread_time() - worked
            for each in (limit, total):
                each.clock_left -= seconds
                each.cpu_left -= cpu_seconds

        if is_timeout or limit.is_over or total.is_over:
            self._end_process()
            raise self._timeout(limit)
        return result

    def _timeout(self, limit: _TimeLimit) -> LearnerFailure:
        self.overruns += 1
        # The CPU time says nothing about the work of a GPU.
        is_elsewhere = self.device != "cpu"
        if is_elsewhere or limit.was_slowed or self._total.was_slowed:
            self.was_slowed = True

        if self._total.is_over and not limit.is_over:
            return failures.of_slow_submission(self._total.exceeded)
        if limit is not self._check_limit:
            return failures.of_slow_load(limit.exceeded)
        self.used_up = not limit.waits
        return failures.of_slow_call(limit.exceeded, waits=limit.waits)

    def _garbage(self, problem: str) -> LearnerFailure:
        self._end_process()
        return failures.of_garbage(problem)

    def _failure(self, reply: wire.Reply) -> LearnerFailure:
        if not isinstance(reply, wire.Raised | wire.Forbidden):
            return self._garbage("a reply of the wrong type")

        failure = failures.of_reply(reply, self._load.memory_bytes >> 20)
        if self._device_seconds > 0 and failure.outcome is Outcome.RAISED:
            is_device_lost = _DEVICE_LOST in str(failure)
            if is_device_lost:
                # The next check gets a process that can use the device again.
                self._end_process()

        return failure
