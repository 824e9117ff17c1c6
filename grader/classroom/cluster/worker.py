"""What runs in a Dask worker: the course, an examiner for each thread, and the grading task."""

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

from grader.classroom.cluster.fitness import PACKAGES, versions
from grader.course import loading
from grader.course.records import Exercise
from grader.errors import ClusterError, ExaminerError
from grader.examiner.client import device_of
from grader.examiner.pool import ExaminerPool, checked_sandbox
from grader.examiner.protocol import Examine
from grader.examiner.settings import Settings
from grader.examiner.tasks import Result
from grader.files import sources
from grader.submission.files import Submission

_IDLE_SECONDS: Final = 600
"""After this time without work, a worker ends its examiners."""


class Order(msgspec.Struct, frozen=True):
    """One submission as a worker gets it; the worker has the exercise already."""

    exercise: str
    submission: Submission
    learner: str
    seed: int
    device: str
    attempts: dict[str, int]


class Unable(msgspec.Struct, frozen=True, tag=True):
    """The answer of a worker that cannot grade anything."""

    address: str
    why: str


class GradingPlugin(WorkerPlugin):
    """The course on a worker, in a folder of its own, and a pool of examiners.

    The plugin stays after a batch, so that the next one need not send the course again. Its
    name is also the name of the Dask resource that the worker offers and each task requires.
    """

    def __init__(self, exercises: Sequence[Exercise], settings: Settings) -> None:
        self._settings = settings
        self._digests = {exercise.id: loading.digest(exercise) for exercise in exercises}
        found = versions(get_versions(PACKAGES))
        # Batches that would grade alike share a plugin; all others must not.
        identity = (self._digests, settings.isolation, settings.device, found, sources())
        hashed = blake2b(msgspec.json.encode(identity), digest_size=8)
        self.name = f"grade-{hashed.hexdigest()}"

        # With the files, a worker needs no disk that it shares with this machine.
        self._files: dict[str, bytes] = {}
        for exercise in exercises:
            for path in loading.files(exercise):
                name = exercise.place(path)
                self._files[name] = path.read_bytes()

    def setup(self, worker: Worker) -> None:
        """Write the course into the worker's folder; Dask calls this once.

        Raises ``ClusterError`` or ``CourseError`` if the course differs from the one sent.
        """
        root = Path(worker.local_directory, self.name)
        # The hidden checks are for nobody else on the worker's machine.
        root.mkdir(0o700, exist_ok=True)
        for name, content in self._files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

        # They are on the disk now, and the plugin stays in memory for days.
        self._files.clear()

        self._exercises: dict[str, Exercise] = {}
        for name, digest in self._digests.items():
            exercise = loading.load_exercise(root, name)
            # A leftover file in the folder would become part of the exercise.
            if loading.digest(exercise) != digest:
                raise ClusterError(f"{name} in {root} differs from the exercise that was sent")

            self._exercises[name] = exercise

        # Dask runs as many tasks at a time as a worker has threads.
        self._pool = ExaminerPool(self._settings, worker.state.nthreads)
        self._last_used = time.monotonic()
        self._has_device = False
        self._has_sandbox = False
        self.why_unable = ""
        """Why this worker cannot grade; empty if it can."""
        # The worker stops its callbacks when it ends.
        rest = PeriodicCallback(self._rest_if_unused, 1000 * _IDLE_SECONDS / 10)
        worker.periodic_callbacks[self.name] = rest
        rest.start()

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - as Dask calls it
        """End the idle examiners; an examiner at work ends with the worker."""
        self.rest()

    def answer(self, address: str, order: Order) -> Result | Unable:
        """Grade one submission, if this worker can grade at all."""
        if not self.why_unable:
            try:
                return self._grade(order)
            except (ExaminerError, OSError) as error:
                # Kept, so that the rest of the parcel does not fail as slowly.
                self.why_unable = str(error)

        return Unable(address, self.why_unable)

    def rest(self) -> None:
        """End the idle examiners; the next submission starts another."""
        self._pool.rest()

    def _grade(self, order: Order) -> Result:
        exercise = self._exercises[order.exercise]
        examine = Examine(
            exercise=exercise,
            submission=order.submission,
            learner=order.learner,
            seed=order.seed,
            device=order.device,
            attempts=order.attempts,
        )
        # Here and not in setup, because it starts PyTorch and the event loop must not wait.
        if not self._has_device:
            device_of(self._settings.device)
            self._has_device = True

        # An examiner that had this exercise and seed has run the wrong solutions already.
        group = (order.exercise, order.seed)
        with self._pool.borrow(group) as examiner:
            if exercise.spec.runs_code and not self._has_sandbox:
                checked_sandbox(examiner)
                self._has_sandbox = True

            result = examiner.result_of(examine)

        self._last_used = time.monotonic()
        return result

    def _rest_if_unused(self) -> None:
        # A client that was killed could not tell the worker to rest.
        idle = time.monotonic() - self._last_used
        if idle > _IDLE_SECONDS:
            self.rest()


async def offer(name: str, dask_worker: Worker) -> bool:
    """Let a worker offer to grade; return False if it does not have the course yet."""
    plugin = dask_worker.plugins.get(name)
    if not isinstance(plugin, GradingPlugin):
        return False

    # The reason may be gone since the last batch.
    plugin.why_unable = ""
    threads = dask_worker.state.nthreads
    await dask_worker.set_resources(**{name: threads})
    return True


async def install(plugin: GradingPlugin, dask_worker: Worker) -> None:
    """Give a worker the course, and let it offer to grade."""
    # Another client may have been faster.
    if plugin.name not in dask_worker.plugins:
        try:
            await dask_worker.plugin_add(plugin, plugin.name, catch_errors=False)
        except BaseException:
            # Dask keeps a plugin whose setup failed, and the next batch would use it.
            dask_worker.plugins.pop(plugin.name)
            raise

    await offer(plugin.name, dask_worker)


def rest(name: str, dask_worker: Worker) -> None:
    """End a worker's idle examiners."""
    plugin = dask_worker.plugins.get(name)
    if isinstance(plugin, GradingPlugin):
        plugin.rest()


def grade_parcel(name: str, parcel: list[bytes]) -> list[bytes]:
    """The Dask task: turn each ``Order`` into a ``Result``, or into ``Unable``.

    All of them are MessagePack, so that nothing that a worker sends is unpickled here.
    """
    worker = get_worker()
    plugin = worker.plugins[name]
    assert isinstance(plugin, GradingPlugin)

    answers = []
    for encoded in parcel:
        order = msgspec.msgpack.decode(encoded, type=Order)
        answer = plugin.answer(worker.address, order)
        answers.append(msgspec.msgpack.encode(answer))

    return answers


def decode(answer: bytes) -> Result | Unable:
    """Decode one answer of ``grade_parcel``."""
    decoded: Result | Unable = msgspec.msgpack.decode(answer, type=Result | Unable)
    return decoded
