"""What runs in a Dask worker: the course, a pool with an examiner for each thread, and the task."""

import time
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec
from distributed import Worker, get_worker
from distributed.diagnostics.plugin import WorkerPlugin
from distributed.versions import get_versions
from tornado.ioloop import PeriodicCallback

from grader.classroom.cluster.fitness import PACKAGES, sources, versions
from grader.course import loading
from grader.course.records import Exercise
from grader.errors import ClusterError, ExaminerError
from grader.examiner.client import device_of
from grader.examiner.pool import ExaminerPool
from grader.examiner.protocol import Examine
from grader.examiner.settings import Settings
from grader.examiner.tasks import Result
from grader.submission.files import Submission

_IDLE_SECONDS: Final = 600


class Order(msgspec.Struct, frozen=True):
    """One submission on its way to a worker, which has the exercise already."""

    exercise: str
    submission: Submission
    learner: str
    seed: int
    device: str


class Unable(msgspec.Struct, frozen=True, tag=True):
    """What a worker answers that can grade nothing."""

    address: str
    why: str


class Grading(WorkerPlugin):
    """What a worker grades with: the course in a folder of its own, and a pool of examiners.

    It stays after a batch, so that the next one need not send the course again; idle
    examiners are ended. Its name is also that of the resource which the worker offers
    with it and each task asks for.
    """

    def __init__(self, exercises: Sequence[Exercise], settings: Settings) -> None:
        self._settings = settings
        self._digests = {exercise.id: loading.digest(exercise) for exercise in exercises}
        found = versions(get_versions(PACKAGES))
        parts = (self._digests, settings.isolation, settings.device, found, sources())
        known = msgspec.json.encode(parts)
        self.name = f"grade-{blake2b(known, digest_size=8).hexdigest()}"
        self._files = {
            str(path.relative_to(exercise.root)): path.read_bytes()
            for exercise in exercises
            for path in loading.files(exercise)
        }

    def setup(self, worker: Worker) -> None:
        """Write the course into the worker's folder, and compare its digests with the original's."""
        root = Path(worker.local_directory, self.name)
        root.mkdir(0o700, exist_ok=True)
        for name, content in self._files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self._files.clear()
        self._exercises = {name: loading.load_exercise(root, name) for name in self._digests}
        for name, exercise in self._exercises.items():
            if loading.digest(exercise) != self._digests[name]:
                raise ClusterError(f"{name} in {root} differs from the exercise that was sent")
        self._pool = ExaminerPool(self._settings, worker.state.nthreads)
        self._used = time.monotonic()
        self._has_device = False
        self.unable = ""
        """Why nothing can be graded here."""
        rest = PeriodicCallback(self._rest_if_unused, 1000 * _IDLE_SECONDS / 10)
        worker.periodic_callbacks[self.name] = rest  # the worker stops it at its end
        rest.start()

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - as Dask calls it
        """End the idle examiners; one that is at work ends with the worker."""
        self.rest()

    def carry_out(self, wanted: Order) -> Result:
        """Grade one submission; raises ``ExaminerError`` if this worker cannot grade."""
        examine = Examine(
            self._exercises[wanted.exercise],
            wanted.submission,
            wanted.learner,
            wanted.seed,
            device=wanted.device,
        )
        if not self._has_device:
            # Asked here and not in setup, where it would hold up the event loop of the worker.
            device_of(self._settings.device)
            self._has_device = True
        with self._pool.borrow((wanted.exercise, wanted.seed)) as examiner:
            result = examiner.result_of(examine)
        self._used = time.monotonic()
        return result

    def rest(self) -> None:
        """End the idle examiners; the next submission starts another."""
        self._pool.rest()

    def _rest_if_unused(self) -> None:
        if time.monotonic() - self._used > _IDLE_SECONDS:
            self.rest()


async def offer(name: str, dask_worker: Worker) -> bool:
    """Have a worker offer to grade; False where it was not given the course yet."""
    if not isinstance(installed := dask_worker.plugins.get(name), Grading):
        return False
    installed.unable = ""
    await dask_worker.set_resources(**{name: dask_worker.state.nthreads})
    return True


async def install(plugin: Grading, dask_worker: Worker) -> None:
    """Give a worker the course, unless another client was faster, and have it offer to grade."""
    if plugin.name not in dask_worker.plugins:
        try:
            await dask_worker.plugin_add(plugin, plugin.name, catch_errors=False)
        except BaseException:
            dask_worker.plugins.pop(plugin.name)
            raise
    await offer(plugin.name, dask_worker)


def rest(name: str, dask_worker: Worker) -> None:
    """End a worker's idle examiners."""
    if isinstance(plugin := dask_worker.plugins.get(name), Grading):
        plugin.rest()


def carry_out(name: str, parcel: list[bytes]) -> list[bytes]:
    """The task that a worker is given: each ``Order`` becomes a ``Result``, or ``Unable``, for another to do it."""
    worker = get_worker()
    plugin = worker.plugins[name]
    assert isinstance(plugin, Grading)
    return [msgspec.msgpack.encode(_answer(plugin, worker.address, wanted)) for wanted in parcel]


def _answer(plugin: Grading, address: str, wanted: bytes) -> Result | Unable:
    if not plugin.unable:
        try:
            return plugin.carry_out(msgspec.msgpack.decode(wanted, type=Order))
        except (ExaminerError, OSError) as error:
            plugin.unable = str(error)
    return Unable(address, plugin.unable)


def decode(answer: bytes) -> Result | Unable:
    """What a worker answered."""
    found: Result | Unable = msgspec.msgpack.decode(answer, type=Result | Unable)
    return found
