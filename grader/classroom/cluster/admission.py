"""Which workers of a cluster grade: those that answer, and would grade as this machine does."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final

from distributed import Client
from distributed.versions import get_versions

from grader.classroom.cluster.fitness import (
    PACKAGES,
    other_sources,
    other_versions,
    sources,
    sources_in_use,
    versions,
)
from grader.classroom.cluster.worker import Grading, install, offer, rest
from grader.examiner.tasks import WorkerRefused

_ANSWER_SECONDS: Final = 30.0
"""Who has not answered by then is named; it is waited for no longer, and put to work if it answers yet."""
_REST_SECONDS: Final = 5.0


class Admission:
    """The workers that there are, each asked by itself: one that hangs holds up none of the others."""

    def __init__(self, client: Client, plugin: Grading, resources: Mapping[str, float]) -> None:
        self._client = client
        self._plugin = plugin
        self._resources = resources
        """What a worker has to offer for each submission."""
        self._versions = versions(get_versions(PACKAGES))
        self._sources = sources()
        self._there: Mapping[str, Mapping[str, Any]] = {}
        self._asked: dict[str, _Question] = {}
        self._changed = threading.Event()
        self._changed.set()
        self.places: dict[str, int] = {}
        """Address of each worker that grades, to how many submissions at a time."""
        self.refused: dict[str, str] = {}
        """Address of each worker that does not, to why."""
        self._offering: set[str] = set()
        """Those of them that offer to grade all the same, since they did before."""
        self.has_lost = False
        """Whether a worker is gone that graded."""
        client.subscribe_topic("all", self._on_change)

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to be expected."""
        return any(address not in self.refused for address in self._asked)

    @property
    def are_mixed(self) -> bool:
        """Whether it has to be said which workers may be given something."""
        return bool(self._offering)

    def look(self) -> tuple[list[WorkerRefused], bool]:
        """Whoever is refused since the last time, and whether one that graded is gone since.

        ``OSError`` where the scheduler does not answer.
        """
        gone = False
        if self._changed.is_set():
            self._changed.clear()
            self._there = self._client.scheduler_info(n_workers=-1)["workers"]
            gone = bool(self.places.keys() - self._there.keys())
            self.has_lost |= gone
            for known in (self.places, self.refused, self._asked):
                for address in known.keys() - self._there.keys():
                    del known[address]
            self._offering &= self._there.keys()
            for address in (
                self._there.keys() - self.places.keys() - self.refused.keys() - self._asked.keys()
            ):
                self._asked[address] = _Question(partial(self._why_unfit, address))
        return [refused for address in list(self._asked) for refused in self._answer(address)], gone

    def dismiss(self, address: str, why: str) -> list[WorkerRefused]:
        """Send no more to a worker that could not grade, and say so once."""
        if self.places.pop(address, None) is None:
            return []
        self._offering.add(address)
        return self._refuse(address, why)

    def leave(self) -> None:
        """Have the workers end their idle examiners; do not wait for a worker that hangs."""
        there = self._client.scheduler_info(n_workers=-1)[
            "workers"
        ]  # Dask waits long for one that is gone
        workers = [address for address in self.places if address in there]
        if workers:
            _Question(partial(self._rest, workers)).wait(_REST_SECONDS)

    def _on_change(self, event: tuple[float, Mapping[str, Any]]) -> None:
        """A worker came or went, says the scheduler; called by the client's own thread."""
        if event[1].get("action") in ("add-worker", "remove-worker"):
            self._changed.set()

    def _answer(self, address: str) -> list[WorkerRefused]:
        """What has become of the question to a worker: an answer, or that there is none."""
        asked = self._asked[address]
        if not asked.is_answered:
            if address in self.refused or asked.seconds < _ANSWER_SECONDS:
                return []
            why = f"it has not answered for {_ANSWER_SECONDS:.0f} s; look at its log, or start it again"
        else:
            del self._asked[address]
            self.refused.pop(address, None)
            if asked.answer is None:
                self._offering.discard(address)
                self.places[address] = self._places(address)
                return []
            why = asked.answer
        if self._plugin.name in self._there[address]["resources"]:
            self._offering.add(address)
        return self._refuse(address, why)

    def _refuse(self, address: str, why: str) -> list[WorkerRefused]:
        self.refused[address] = why
        return [WorkerRefused(address, why)]

    def _why_unfit(self, address: str) -> str | None:
        """What keeps a worker from grading; where nothing does, it has been made ready."""
        try:
            found = versions(self._run(get_versions, PACKAGES, worker=address))
            if (why := other_versions(found, self._versions)) is not None:
                return why
            if not self._places(address):
                lacks = " and ".join(
                    f"{name}={amount:g}" for name, amount in self._resources.items()
                )
                return f"it was started without --resources {lacks}"
            if (
                why := other_sources(self._run(sources_in_use, worker=address), self._sources)
            ) is not None:
                return why
            if not self._run(offer, self._plugin.name, worker=address):
                self._run(install, self._plugin, worker=address)
        except Exception as error:
            return f"it could not be made ready ({error})"
        return None

    def _places(self, address: str) -> int:
        """How many submissions a worker can have at a time."""
        worker = self._there[address]
        offered = [
            int(worker["resources"].get(name, 0) // amount)
            for name, amount in self._resources.items()
        ]
        return min([int(worker["nthreads"]), *offered])

    def _run(self, function: Callable[..., Any], *arguments: Any, worker: str) -> Any:
        """What ``function`` returns or raises on a worker."""
        return self._client.run(function, *arguments, workers=[worker])[worker]

    def _rest(self, workers: list[str]) -> None:
        with suppress(Exception):  # who cannot be told ends its jobs when it has no work
            self._client.run(rest, self._plugin.name, workers=workers, on_error="ignore")


class _Question:
    """Something asked of a worker on a thread of its own, since it may never answer."""

    def __init__(self, ask: Callable[[], str | None]) -> None:
        self._ask = ask
        self._since = time.monotonic()
        self.answer: str | None = None
        self._thread = threading.Thread(target=self._run, name="question", daemon=True)
        self._thread.start()

    @property
    def is_answered(self) -> bool:
        return not self._thread.is_alive()

    @property
    def seconds(self) -> float:
        """Since it was asked."""
        return time.monotonic() - self._since

    def wait(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        self.answer = self._ask()
