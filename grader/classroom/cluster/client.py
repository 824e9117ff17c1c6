"""The side of a cluster that is here: workers are looked at, tasks sent, results taken as they come."""

import logging
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

import msgspec
from distributed import Client, Future, KilledWorker, as_completed
from distributed.comm.addressing import resolve_address
from distributed.security import Security

from grader.classroom.cluster.admission import Admission
from grader.classroom.cluster.worker import Grading, Order, Unable, carry_out, decode
from grader.errors import ClusterError, UsageError
from grader.examiner.protocol import Examine
from grader.examiner.settings import DEFAULTS, Settings
from grader.examiner.tasks import (
    Done,
    Result,
    SandboxReport,
    Task,
    TaskQueue,
    WorkerRefused,
    device_of_all,
    read_task,
)
from grader.grades.grade import Outcome
from grader.submission.files import digest

_Sent = tuple[Task, Examine]

_PARCEL: Final = 16
"""Submissions that travel as one task of Dask's."""
_PARCEL_BYTES: Final = 2**20
_AHEAD: Final = 2
"""Parcels in flight for each thread: one is graded, the other is there for when that is done."""
_TICK: Final = 0.02
_CONNECT_SECONDS: Final = 5
_PATIENCE: Final = 30.0
"""Seconds in which a first worker, or one in place of the last that was lost, is expected."""
_RETRIES: Final = 2
_TIMES_IN_VAIN: Final = 3
_ASKED: Final[Mapping[str, Mapping[str, float]]] = {"cuda": {"GPU": 1}}
"""What a worker has to offer for each submission that computes there; Dask's documentation calls a GPU so."""


def examine(
    tasks: Sequence[Task], address: str, settings: Settings = DEFAULTS
) -> Generator[list[SandboxReport | WorkerRefused | Done]]:
    """Carry out ``tasks`` on the cluster whose scheduler is at ``address``; close the iterator to stop.

    Yields what has come since the last time, as ``pool.grade_all`` does. Raises ``ClusterError``
    where the scheduler or every worker is lost, or none fits.
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
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(
            logging.CRITICAL
        )  # what it would say of a lost connection is said here
    try:
        scheme, _, _ = resolve_address(address).partition("://")
        if (
            scheme in ("tls", "wss")
            and Security().get_connection_args("client")["ssl_context"] is None
        ):
            raise ValueError("no certificates are configured")
        return Client(address, timeout=_CONNECT_SECONDS, set_as_default=False, name="grade")
    except OSError:
        raise ClusterError(
            f"--cluster {address}: no scheduler answers there; start one with `dask scheduler`, or look at the address"
        ) from None
    except (ValueError, TypeError, RuntimeError) as error:
        raise UsageError(
            f"--cluster {address}: {error}; write tcp://HOST:PORT, or tls://HOST:PORT with Dask's TLS configured"
        ) from None


class _Run:
    """Tasks on their way through a cluster."""

    def __init__(
        self, client: Client, address: str, tasks: Sequence[Task], settings: Settings
    ) -> None:
        self._client = client
        self._address = address
        self._left = len(tasks)
        self._tasks = TaskQueue(tasks)
        self._before: list[Task] = []
        """The last task of each parcel that came back: another can go out in its place."""
        self._in_flight: dict[Future[list[bytes]], list[_Sent]] = {}
        self._suspects: list[_Sent] = []
        """Tasks of a parcel that failed as a whole; each is sent again alone."""
        self._completed = as_completed(loop=client.loop, with_results=True, raise_errors=False)
        device = device_of_all(tasks)
        exercises = {task.exercise.id: task.exercise for task in tasks}
        # Without the root: the plugin brings the course to a folder of the worker.
        on_worker = Settings(device=device, isolation=settings.isolation)
        self._plugin = Grading(list(exercises.values()), on_worker)
        self._asked = _ASKED.get(device, {})
        self._tasksers = Admission(client, self._plugin, self._asked)
        self._seen_workers = time.monotonic()
        self._in_vain = 0
        """How often all that was in flight had to be taken back since something came of it."""
        self._told: list[dict[str, str | None]] = []

    def events(self) -> Generator[list[SandboxReport | WorkerRefused | Done]]:
        """What comes, until all is done."""
        while self._left:
            if self._client.status != "running":
                raise self._failure("its scheduler is gone")
            events: list[SandboxReport | WorkerRefused | Done] = [*self._look_at_workers()]
            if self._tasksers.places:
                self._seen_workers = time.monotonic()
            else:
                self._wait_for_workers()
            events += self._send()
            events += self._receive()
            self._left -= sum(isinstance(event, Done) for event in events)
            if events:
                yield events
            else:
                time.sleep(_TICK)

    def stop(self) -> None:
        """Cancel what is in flight, and leave the workers without jobs."""
        if self._client.status == "running":
            with suppress(OSError):
                self._client.cancel(list(self._in_flight), force=True)
                self._tasksers.leave()

    # Workers

    def _look_at_workers(self) -> list[WorkerRefused]:
        """See who came and who went; what was meant for those alone that are gone is sent anew."""
        try:
            refused, gone = self._tasksers.look()
        except OSError as error:
            raise self._failure(f"its scheduler does not answer ({error})") from None
        if gone and self._tasksers.are_mixed:
            self._take_back()
        return refused

    def _wait_for_workers(self) -> None:
        """Where none is to be expected, say why."""
        self._take_back()
        if self._tasksers.is_waiting:
            return
        others_may_come = self._tasksers.has_lost or not self._tasksers.refused
        if others_may_come and time.monotonic() - self._seen_workers < _PATIENCE:
            return
        if self._tasksers.refused:
            each = "; ".join(
                f"{address}: {why}" for address, why in sorted(self._tasksers.refused.items())
            )
            raise self._failure(f"none of its workers can be used ({each})")
        raise self._failure(
            "its workers are gone"
            if self._tasksers.has_lost
            else "it has no workers, start some with `dask worker`"
        )

    def _failure(self, why: str) -> ClusterError:
        return ClusterError(
            f"--cluster {self._address}: {why}; what was graded is kept, type the same again to go on"
        )

    # Tasks

    def _send(self) -> list[Done]:
        """Have as much in flight as keeps the workers busy; what cannot be read is done at once."""
        done: list[Done] = []
        places = sum(self._tasksers.places.values())
        while len(self._in_flight) < _AHEAD * places:
            unsent = self._left - len(done) - sum(map(len, self._in_flight.values()))
            tasks, parcel = self._pack(max(1, min(_PARCEL, unsent // (2 * _AHEAD * places))), done)
            if not tasks:
                break
            future = self._client.submit(
                carry_out,
                self._plugin.name,
                parcel,
                pure=False,
                resources={**self._asked, self._plugin.name: 1},
                workers=list(self._tasksers.places) if self._tasksers.are_mixed else None,
                retries=_RETRIES,
            )
            self._in_flight[future] = tasks
            self._completed.add(future)
        return done

    def _pack(self, number: int, done: list[Done]) -> tuple[list[_Sent], list[bytes]]:
        """The next ``number`` tasks, fewer where they are large, and as they are sent.

        Dask takes some milliseconds for each of its tasks, be it long or short; so several
        travel as one, and one alone towards the end, when nobody should have to wait.
        """
        if self._suspects:
            suspect = self._suspects.pop()
            return [suspect], [_order(suspect[1])]
        sent: list[_Sent] = []
        parcel: list[bytes] = []
        task = self._before.pop() if self._before else None
        while len(sent) < number and sum(map(len, parcel)) < _PARCEL_BYTES:
            task = self._tasks.take(task)
            if task is None:
                break
            asked = read_task(task)
            if isinstance(asked, Result):
                done.append(Done(task, asked))
            else:
                sent.append((task, asked))
                parcel.append(_order(asked))
        return sent, parcel

    def _take_back(self) -> None:
        """Make all that is in flight work to be done again: nobody may have it any more."""
        if not self._in_flight:
            return
        self._client.cancel(list(self._in_flight), force=True)
        self._in_vain += 1
        if self._in_vain > _TIMES_IN_VAIN:
            raise self._failure(
                "its workers are lost again and again, look at their logs and memory"
            )
        for sent in self._in_flight.values():
            self._tasks.put_back([task for task, _ in sent])
        self._in_flight.clear()

    def _receive(self) -> list[SandboxReport | WorkerRefused | Done]:
        """What has come back since the last time."""
        events: list[SandboxReport | WorkerRefused | Done] = []
        for future, value in self._completed.next_batch(block=False):
            if future not in self._in_flight:
                continue  # taken back
            sent = self._in_flight.pop(future)
            # What came says how it ended. The future may not: it is pending again where its worker is lost by now.
            if isinstance(value, list):
                answers = [decode(answer) for answer in value]
            elif not isinstance(value, tuple):
                raise self._failure("it dropped what was sent to it")
            elif len(sent) > 1:
                self._suspects += sent  # one of them may be to blame: each alone will show
                continue
            else:
                answers = [_given_up(sent[0][1], value[1])]
            undone = []
            for (task, _), answer in zip(sent, answers, strict=True):
                if isinstance(answer, Unable):
                    undone.append(task)
                    events += self._tasksers.dismiss(answer.address, answer.why)
                else:
                    self._in_vain = 0
                    events += [*self._holds(answer), Done(task, answer)]
            if undone:
                self._tasks.put_back(undone)
            else:
                self._before.append(sent[-1][0])
        return events

    def _holds(self, result: Result) -> Iterator[SandboxReport]:
        """What held a submission, where none was held like that before."""
        holds = result.grade.isolation
        if holds and holds not in self._told:
            self._told.append(holds)
            yield SandboxReport(holds)


def _order(asked: Examine) -> bytes:
    """What is asked of an examiner, as a worker is asked for it."""
    wanted = Order(asked.exercise.id, asked.submission, asked.learner, asked.seed, asked.device)
    return msgspec.msgpack.encode(wanted)


def _given_up(asked: Examine, error: BaseException) -> Result:
    """What comes of a submission that Dask gave up."""
    if isinstance(error, KilledWorker):
        why = "each worker that had it was lost; look at their memory, and grade it again"
    else:
        why = (
            f"it could not be graded on a worker ({type(error).__name__}: {error}); grade it again"
        )
    return Result(digest(asked.submission), asked.zero_grade(Outcome.UNGRADED, why))
