"""The client of a cluster: it sends submissions to the workers and takes the results."""

import logging
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

import msgspec
from distributed import Client, Future, KilledWorker, as_completed
from distributed.comm.addressing import resolve_address
from distributed.security import Security

from grader.classroom.cluster.admission import Admission
from grader.classroom.cluster.worker import GradingPlugin, Order, Unable, decode, grade_parcel
from grader.errors import ClusterError, UsageError
from grader.examiner.protocol import Examine
from grader.examiner.settings import DEFAULTS, Settings
from grader.examiner.tasks import (
    Done,
    Event,
    Result,
    SandboxReport,
    Task,
    TaskQueue,
    device_of_all,
    read_task,
)
from grader.grades.grade import Outcome
from grader.submission.files import digest

_PARCEL: Final = 16
"""Submissions in one Dask task; Dask needs some milliseconds for a task of any size."""
_PARCEL_BYTES: Final = 2**20
_AHEAD: Final = 2
"""Parcels in flight per thread: the next one is there when the first is graded."""
_TICK: Final = 0.02
_CONNECT_SECONDS: Final = 5
_PATIENCE: Final = 30.0
"""Seconds to wait for the first worker, or for another one after the last was lost."""
_RETRIES: Final = 2
_MAX_LOSSES: Final = 3
"""After more losses in a row, without any result between them, the cluster is given up."""
_REQUIRED: Final[Mapping[str, Mapping[str, float]]] = {"cuda": {"GPU": 1}}
"""Dask resources per submission, by device; Dask's documentation calls a GPU so."""


def examine(
    tasks: Sequence[Task], address: str, settings: Settings = DEFAULTS
) -> Generator[list[Event]]:
    """Grade ``tasks`` on the cluster with the scheduler at ``address``; close to stop.

    Yields the events since the last time, as ``pool.grade_all`` does. Raises ``UsageError``
    for an address that cannot be used, and ``ClusterError`` if the scheduler or every worker
    is lost, or if no worker may grade.
    """
    if not tasks:
        return

    client = _connect(address)
    try:
        run = _Run(client, address, tasks, settings)
        try:
            yield from run.events()
        finally:
            run.stop()
    finally:
        client.close()


def _connect(address: str) -> Client:
    # Dask logs lost connections; this module reports them itself.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)

    place = f"--cluster {address}"
    try:
        scheme, _, _ = resolve_address(address).partition("://")
        # Without this check, Dask's client fails half started, and prints a traceback at exit.
        if scheme in ("tls", "wss"):
            arguments = Security().get_connection_args("client")
            if arguments["ssl_context"] is None:
                raise ValueError("no certificates are configured")

        return Client(address, timeout=_CONNECT_SECONDS, set_as_default=False, name="grade")
    except OSError:
        raise ClusterError(
            "no scheduler answers",
            place=place,
            advice="start one with `dask scheduler`, or correct the address",
        ) from None
    except (ValueError, TypeError, RuntimeError) as error:
        raise UsageError(
            str(error),
            place=place,
            advice="write tcp://HOST:PORT, or tls://HOST:PORT with Dask's TLS configured",
        ) from None


class _Sent(NamedTuple):
    task: Task
    examine: Examine


class _Parcel(NamedTuple):
    """Submissions that travel as one Dask task."""

    content: list[_Sent]
    workers: list[str] | None
    """The only workers that may have it; None for every worker that offers to grade."""


class _Run:
    """All tasks of one ``examine``, on their way through the cluster."""

    def __init__(
        self, client: Client, address: str, tasks: Sequence[Task], settings: Settings
    ) -> None:
        self._client = client
        self._address = address
        self._left = len(tasks)
        self._tasks = TaskQueue(tasks)
        self._finished: list[Task] = []
        """The last task of each parcel that came back: the next parcel continues its group."""
        self._in_flight: dict[Future[list[bytes]], _Parcel] = {}
        self._suspects: list[_Sent] = []
        """Submissions of parcels that failed as a whole; each is sent again alone."""
        self._completed = as_completed(loop=client.loop, with_results=True, raise_errors=False)

        device = device_of_all(tasks)
        exercises = {task.exercise.id: task.exercise for task in tasks}
        # Without the root: the plugin brings the course to a folder of the worker.
        on_worker = Settings(device=device, isolation=settings.isolation)
        self._plugin = GradingPlugin(list(exercises.values()), on_worker)
        self._required = _REQUIRED.get(device, {})
        self._admission = Admission(client, self._plugin, self._required)
        self._last_worker = time.monotonic()
        """When there was a worker for the last time."""
        self._losses = 0
        self._reported: list[dict[str, str | None]] = []

    def events(self) -> Generator[list[Event]]:
        """Yield what happens until all tasks are done."""
        while self._left:
            if self._client.status != "running":
                raise self._failure("the scheduler is lost")

            events: list[Event] = []
            try:
                events += self._admission.look()
            except OSError as error:
                raise self._failure(f"the scheduler does not answer ({error})") from None

            self._requeue_lost()
            if self._admission.places:
                self._last_worker = time.monotonic()
            else:
                # Without a worker, the batch would wait for ever.
                self._require_hope()

            events += self._send()
            events += self._receive()

            self._left -= sum(isinstance(event, Done) for event in events)
            if events:
                yield events
            else:
                time.sleep(_TICK)

    def stop(self) -> None:
        """Cancel what is in flight, and let the workers end their examiners."""
        if self._client.status == "running":
            with suppress(OSError):
                self._client.cancel(list(self._in_flight), force=True)
                self._admission.leave()

    def _require_hope(self) -> None:
        """Raise ``ClusterError`` if there is no worker and none can be expected."""
        admission = self._admission
        if admission.is_waiting:
            return

        # Refused workers will not change; a lost worker may be restarted.
        may_come = admission.has_lost or not admission.refused
        if may_come and time.monotonic() - self._last_worker < _PATIENCE:
            return

        if admission.refused:
            reasons = [f"{address}: {why}" for address, why in sorted(admission.refused.items())]
            raise self._failure(f"no worker can be used ({'; '.join(reasons)})")

        if admission.has_lost:
            raise self._failure("all workers are lost")

        raise self._failure("it has no workers; start some with `dask worker`")

    def _failure(self, problem: str) -> ClusterError:
        return ClusterError(
            problem,
            place=f"--cluster {self._address}",
            advice="stored grades are kept: run the same command again to continue",
        )

    def _send(self) -> list[Done]:
        """Keep the workers busy; return the submissions that cannot be read, as done."""
        unreadable: list[Done] = []
        threads = sum(self._admission.places.values())
        # A refused worker can still offer to grade, for example since an earlier batch.
        workers = list(self._admission.places) if self._admission.refused else None
        while len(self._in_flight) < _AHEAD * threads:
            # Parcels that are under way still count as left.
            sent = sum(len(parcel.content) for parcel in self._in_flight.values())
            unsent = self._left - len(unreadable) - sent
            # Smaller parcels towards the end, so that no thread has to wait for a long one.
            number = min(_PARCEL, unsent // (2 * _AHEAD * threads))
            content = self._pack(max(1, number), unreadable)
            if not content:
                break

            future = self._client.submit(
                grade_parcel,
                self._plugin.name,
                [_order(each.examine) for each in content],
                pure=False,
                resources={**self._required, self._plugin.name: 1},
                workers=workers,
                retries=_RETRIES,
            )
            self._in_flight[future] = _Parcel(content, workers)
            self._completed.add(future)

        return unreadable

    def _pack(self, number: int, unreadable: list[Done]) -> list[_Sent]:
        """Take the next ``number`` tasks, or fewer if they are large."""
        if self._suspects:
            return [self._suspects.pop()]

        content: list[_Sent] = []
        size = 0
        task = None
        if self._finished:
            task = self._finished.pop()

        while len(content) < number and size < _PARCEL_BYTES:
            task = self._tasks.take(task)
            if task is None:
                break

            read = read_task(task)
            # No worker is needed for the result of a file that cannot be read.
            if isinstance(read, Result):
                unreadable.append(Done(task, read))
                continue

            content.append(_Sent(task, read))
            submission = read.submission
            size += len(submission.source)
            size += sum(len(helper) for helper in submission.helpers.values())

        return content

    def _requeue_lost(self) -> None:
        """Take back the parcels that no worker can have any more."""
        places = self._admission.places
        lost = []
        for future, parcel in self._in_flight.items():
            workers = parcel.workers
            if workers is None:
                workers = list(places)
            # While one of them is there, Dask moves the parcel to it.
            if not any(address in places for address in workers):
                lost.append(future)

        if not lost:
            return

        self._client.cancel(lost, force=True)
        self._losses += 1
        if self._losses > _MAX_LOSSES:
            raise self._failure("workers are lost again and again; check their logs and memory")

        for future in lost:
            parcel = self._in_flight.pop(future)
            self._tasks.put_back([each.task for each in parcel.content])

    def _receive(self) -> list[Event]:
        """Take the results that have come."""
        events: list[Event] = []
        for future, value in self._completed.next_batch(block=False):
            # A parcel that was taken back can finish all the same.
            if future not in self._in_flight:
                continue

            content = self._in_flight.pop(future).content
            # The value says how the task ended. The future may not: it is pending again if
            # its worker is lost by now.
            if isinstance(value, list):
                answers = [decode(answer) for answer in value]
            elif not isinstance(value, tuple):
                raise self._failure("the cluster dropped a parcel")
            elif len(content) > 1:
                # One submission may have caused this. Alone, it cannot harm the others.
                self._suspects += content
                continue
            else:
                answers = [_given_up(content[0].examine, value[1])]

            events += self._take_answers(content, answers)

        return events

    def _take_answers(
        self, content: Sequence[_Sent], answers: Sequence[Result | Unable]
    ) -> list[Event]:
        events: list[Event] = []
        undone = []
        for sent, answer in zip(content, answers, strict=True):
            if isinstance(answer, Unable):
                undone.append(sent.task)
                self._admission.dismiss(answer.address, answer.why)
                continue

            self._losses = 0
            isolation = answer.grade.isolation
            # Workers can differ, and each kind of sandbox is worth one report.
            if isolation and isolation not in self._reported:
                self._reported.append(isolation)
                events.append(SandboxReport(isolation))

            events.append(Done(sent.task, answer))

        # The worker of an unfinished parcel gets no other one, so its group is left.
        if undone:
            self._tasks.put_back(undone)
        else:
            self._finished.append(content[-1].task)

        return events


def _order(examine: Examine) -> bytes:
    order = Order(
        exercise=examine.exercise.id,
        submission=examine.submission,
        learner=examine.learner,
        seed=examine.seed,
        device=examine.device,
        attempts=examine.attempts,
    )
    return msgspec.msgpack.encode(order)


def _given_up(examine: Examine, error: BaseException) -> Result:
    """The result of a submission that Dask gave up."""
    why = f"a worker could not grade it ({type(error).__name__}: {error}); grade it again"
    if isinstance(error, KilledWorker):
        why = "each worker that had it was lost; check their memory, and grade it again"

    grade = examine.zero_grade(Outcome.UNGRADED, why)
    return Result(digest(examine.submission), grade)
