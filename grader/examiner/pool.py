"""A pool of examiners: submissions spread over all cores, whatever each of them does.

Every job is a thread that drives one examiner process; what they find is handed
to the one thread that asks.
"""

import os
import queue
import threading
from collections.abc import Generator, Sequence
from contextlib import suppress

from grader.course.records import CodeExercise
from grader.errors import ExaminerError, GraderError
from grader.examiner.tasks import Done, SandboxReport, Job, Result, Task, Work, device_of_all, order


def examine(
    tasks: Sequence[Task], jobs: int | None = None, isolation: str = "auto"
) -> Generator[list[SandboxReport | Done]]:
    """Carry out ``tasks`` over ``jobs`` examiners (as many as there are cores); close the iterator to stop.

    Yields what has come since the last time, in the order in which it came.
    """
    if not tasks:
        return
    pool = _Pool(tasks, isolation)
    count = min(jobs or cores(), len(tasks))
    try:
        pool.start(count)
        left = len(tasks)
        while left:
            events = pool.events()
            left -= sum(isinstance(event, Done) for event in events)
            yield events
    finally:
        pool.stop()


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Pool:
    """Threads, each with a job of its own."""

    def __init__(self, tasks: Sequence[Task], isolation: str) -> None:
        self._work = Work(tasks)
        self._isolation = isolation
        self._device = device_of_all(tasks)
        self._inspect = threading.Semaphore(
            any(isinstance(task.exercise.spec, CodeExercise) for task in tasks)
        )
        self._events: queue.SimpleQueue[SandboxReport | Done | BaseException] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._jobs: list[Job] = []
        self._threads: list[threading.Thread] = []

    def start(self, count: int) -> None:
        """Start ``count`` jobs."""
        self._threads = [
            threading.Thread(target=self._run, name=f"job-{n}", daemon=True) for n in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def events(self) -> list[SandboxReport | Done]:
        """Wait for what comes, and take all that is there."""
        came = [self._events.get()]
        with suppress(queue.Empty):
            while True:
                came.append(self._events.get_nowait())
        for event in came:
            if isinstance(event, BaseException):
                raise event
        return came  # type: ignore[return-value]

    def stop(self) -> None:
        """End every job, whatever it is at."""
        self._stopping.set()
        while any(thread.is_alive() for thread in self._threads):
            for job in list(self._jobs):
                job.kill()
            for thread in self._threads:
                thread.join(0.1)

    def _run(self) -> None:
        try:
            with Job(self._isolation, self._device) as job:
                self._jobs.append(job)
                try:
                    self._carry_out(job)
                finally:
                    self._jobs.remove(job)
        except BaseException as error:
            if not self._stopping.is_set():
                self._events.put(error if isinstance(error, GraderError) else _unexpected(error))

    def _carry_out(self, job: Job) -> None:
        if self._inspect.acquire(blocking=False):
            self._events.put(job.inspect())
        task = None
        while not self._stopping.is_set() and (task := self._work.take(task)) is not None:
            asked = order(task)
            result = (
                asked
                if isinstance(asked, Result)
                else job.carry_out(asked, lambda: not self._stopping.is_set())
            )
            self._events.put(Done(task, result))


def _unexpected(error: BaseException) -> GraderError:
    return ExaminerError(
        f"a job of the batch ended ({type(error).__name__}: {error}); type the same again to go on"
    )
