"""Which workers of a cluster may grade: those that answer, and grade like this machine."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final, NamedTuple

from distributed import Client
from distributed.versions import get_versions

from grader.classroom.cluster.fitness import (
    PACKAGES,
    other_sources,
    other_versions,
    sources_in_use,
    versions,
)
from grader.classroom.cluster.worker import GradingPlugin, install, offer, rest
from grader.examiner.tasks import WorkerRefused
from grader.files import sources

_ANSWER_SECONDS: Final = 30.0
"""A worker without an answer after this time is refused until it answers."""
_REST_SECONDS: Final = 5.0


class Admission:
    """The workers of a cluster, admitted or refused one by one as they come and go.

    Each worker gets its own questions, so a worker that hangs delays no other. ``requires``
    maps the name of a Dask resource to the amount that each submission needs.
    """

    def __init__(
        self, client: Client, plugin: GradingPlugin, requires: Mapping[str, float]
    ) -> None:
        self._client = client
        self._plugin = plugin
        self._requires = requires
        self._versions = versions(get_versions(PACKAGES))
        self._sources = sources()
        self._connected: Mapping[str, Mapping[str, Any]] = {}
        self._questions: dict[str, _Question] = {}
        self._news: list[WorkerRefused] = []
        # Set at the start too, because the first look has to find the workers of now.
        self._has_changed = threading.Event()
        self._has_changed.set()
        self.places: dict[str, int] = {}
        """Address of each admitted worker, to how many submissions it grades at a time."""
        self.refused: dict[str, str] = {}
        """Address of each refused worker, to the reason."""
        self.has_lost = False
        """Whether an admitted worker was lost."""
        client.subscribe_topic("all", self._on_change)

    @property
    def is_waiting(self) -> bool:
        """Whether a worker may still answer in time."""
        return bool(self._questions.keys() - self.refused.keys())

    def look(self) -> list[WorkerRefused]:
        """Notice which workers came, left and answered; return those refused since the last look.

        Raises ``OSError`` if the scheduler does not answer.
        """
        if self._has_changed.is_set():
            # Cleared first: a change during the update needs another update.
            self._has_changed.clear()
            self._update()

        # A copy, because an answer removes its question.
        for address, question in list(self._questions.items()):
            self._take_answer(address, question)

        news, self._news = self._news, []
        return news

    def dismiss(self, address: str, why: str) -> None:
        """Refuse an admitted worker that turned out to be unable to grade."""
        # Each of its parcels says so; one report is enough.
        if address in self.places:
            del self.places[address]
            self._refuse(address, why)

    def leave(self) -> None:
        """Tell the workers to end their idle examiners, without waiting for one that hangs."""
        # Nobody reads these answers any more.
        for question in self._questions.values():
            question.answer.cancel()

        # Dask waits long for a worker that is gone, so ask who is connected now.
        connected = self._workers()
        workers = [address for address in self.places if address in connected]
        if not workers:
            return

        message = self._client_run(rest, self._plugin.name, workers=workers, on_error="ignore")
        sent = self._on_loop(message)
        # A worker that gets no message ends its examiners when they have no work.
        with suppress(Exception):
            sent.result(_REST_SECONDS)

    def _on_change(self, event: tuple[float, Mapping[str, Any]]) -> None:
        """The scheduler reports an event, in the thread of the client's event loop."""
        _, details = event
        if details.get("action") in ("add-worker", "remove-worker"):
            self._has_changed.set()

    def _workers(self) -> Mapping[str, Mapping[str, Any]]:
        """What the scheduler knows about each worker, by address."""
        # Dask's default is five workers, for display.
        info = self._client.scheduler_info(n_workers=-1)
        workers: Mapping[str, Mapping[str, Any]] = info["workers"]
        return workers

    def _update(self) -> None:
        """Forget workers that are gone, and ask new ones."""
        self._connected = self._workers()
        known = self.places.keys() | self.refused.keys() | self._questions.keys()

        # A worker that Dask restarts comes back with another address.
        for address in known - self._connected.keys():
            if address in self.places:
                self.has_lost = True

            self.places.pop(address, None)
            self.refused.pop(address, None)
            self._questions.pop(address, None)

        for address in self._connected.keys() - known:
            answer = self._on_loop(self._why_unfit(address))
            self._questions[address] = _Question(answer, time.monotonic())

    def _take_answer(self, address: str, question: "_Question") -> None:
        """Admit or refuse a worker, if it has answered or its time is over."""
        if not question.answer.done():
            seconds = time.monotonic() - question.asked
            # The question stays, because the worker may still answer it.
            if seconds >= _ANSWER_SECONDS and address not in self.refused:
                why = f"no answer for {_ANSWER_SECONDS:.0f} s; read its log or restart it"
                self._refuse(address, why)

            return

        del self._questions[address]
        # A late answer can admit a worker that was refused for its silence.
        self.refused.pop(address, None)
        reason = question.answer.result()
        if reason is None:
            self.places[address] = self._places(address)
        else:
            self._refuse(address, reason)

    def _refuse(self, address: str, why: str) -> None:
        self.refused[address] = why
        refusal = WorkerRefused(address, why)
        self._news.append(refusal)

    def _places(self, address: str) -> int:
        """How many submissions a worker can grade at a time."""
        worker = self._connected[address]
        places = int(worker["nthreads"])
        for name, amount in self._requires.items():
            offered = worker["resources"].get(name, 0)
            # The scarcest resource decides.
            fits = int(offered // amount)
            places = min(places, fits)

        return places

    async def _why_unfit(self, address: str) -> str | None:
        """Why a worker may not grade; None if it may, and it is then ready to."""
        try:
            # Only Dask's own question first: a worker without the grader can answer it too.
            found = await self._ask(address, get_versions, PACKAGES)
            why = other_versions(versions(found), self._versions)
            if why is not None:
                return why

            # Dask would never give it a task, and the batch would wait without a word.
            if not self._places(address):
                needs = [f"{name}={amount:g}" for name, amount in self._requires.items()]
                return f"it was started without --resources {' and '.join(needs)}"

            # A worker has equal versions now, so it can run functions of the grader.
            in_use = await self._ask(address, sources_in_use)
            why = other_sources(in_use, self._sources)
            if why is not None:
                return why

            # The course is large, so it is sent only if the worker does not have it.
            has_course = await self._ask(address, offer, self._plugin.name)
            if not has_course:
                await self._ask(address, install, self._plugin)
        except (Exception, asyncio.CancelledError) as error:
            return f"it could not be prepared ({error})"

        return None

    async def _ask(self, address: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """What ``function`` returns or raises on a worker."""
        answers = await self._client_run(function, *arguments, workers=[address])
        return answers[address]

    async def _client_run(self, function: Callable[..., Any], *arguments: Any, **how: Any) -> Any:
        # In the thread of its event loop, Dask's client returns a coroutine.
        return await self._client.run(function, *arguments, **how)

    def _on_loop(self, coroutine: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Start a coroutine on the client's event loop, where it may wait for ever."""
        loop = self._client.loop.asyncio_loop  # type: ignore[union-attr] # it is running
        return asyncio.run_coroutine_threadsafe(coroutine, loop)


class _Question(NamedTuple):
    """A question that a worker may never answer."""

    answer: Future[str | None]
    asked: float
    """As ``time.monotonic`` counts."""
