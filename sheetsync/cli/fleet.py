"""Many trackers on a Dask cluster: the function that `--jobs` runs in processes of this computer, on many computers.

The cluster hands each tracker to one worker. A worker that dies takes its child with it, and the tracker goes to another
one: it is then as it was, or completely up to date, so that nothing is written twice.
"""

from __future__ import annotations

import contextlib
import logging
import time
import uuid
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

from sheetsync.cli.fleet_child import Child
from sheetsync.cli.workers import Ended
from sheetsync.errors import FleetError, NotInstalledError
from sheetsync.sheets.google.address import is_google

R = TypeVar("R")
AHEAD: Final = 10_000
"""Targets that the scheduler holds at a time: it needs about a kilobyte and a millisecond for each."""
CONNECT: Final = 15.0
"""Seconds in which a scheduler has to answer, and to have a worker."""
RETRIES: Final = 2
"""How often a target is handed out again whose worker could not even begin."""
_POLL: Final = 1.0


def each_on_cluster(
    do: Callable[[str], R],
    targets: Sequence[str],
    *,
    scheduler: str,
    limit: float,
    per_minute: int,
    at_google: Callable[[str], bool] = is_google,
    tell: Callable[[str], None] = lambda _sentence: None,
) -> Iterator[R | Ended]:
    """What `do` makes of each target, in their order, on the workers of the cluster; `limit` is each one's seconds.

    `do` and its results must be picklable, `do` must not raise, and paths must be absolute and mean the same on every
    worker. At most `per_minute` targets that are `at_google` begin a minute, over all workers. `tell` gets a sentence
    for each target that was begun again. Raises NotInstalledError without Dask, FleetError if nobody is there.
    """
    with _connected(scheduler) as client:
        errand = _Errand(do, tuple(targets), client, limit, Pace(per_minute), at_google)
        try:
            yield from errand.answers()
            for target in errand.begun_again():
                tell(
                    f"{target} was begun again, since the worker at it ended: what that one may have written already "
                    "stands in the tracker, but is not counted here."
                )
        finally:
            errand.call_off()


class Pace:
    """At most so many beginnings in any minute. `clock` gives seconds."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._begun: deque[float] = deque(maxlen=per_minute)
        self._clock = clock

    @property
    def wait(self) -> float:
        """Seconds until the next one may begin; 0 if it may now."""
        if len(self._begun) < (self._begun.maxlen or 0):
            return 0.0
        return max(0.0, self._begun[0] + 60.0 - self._clock())

    def begin(self) -> None:
        """Count one that begins now."""
        self._begun.append(self._clock())


@dataclass
class _Errand:
    """One run on the cluster."""

    do: Callable[[str], Any]
    targets: Sequence[str]
    client: Any
    """A `distributed.Client`, which has no types."""
    limit: float
    pace: Pace
    at_google: Callable[[str], bool]
    name: str = field(default_factory=lambda: f"sheetsync-{uuid.uuid4().hex}")
    out: dict[int, Any] = field(default_factory=dict)
    """What the scheduler has, by the target's number."""
    done: SimpleQueue[int] = field(default_factory=SimpleQueue)
    paced: set[int] = field(default_factory=set)

    def answers(self) -> Iterator[Any]:
        """In the targets' order, however they come."""
        files = deque(number for number, target in enumerate(self.targets) if not self.at_google(target))
        google = deque(number for number, target in enumerate(self.targets) if self.at_google(target))
        threads = max(1, sum(self.client.nthreads().values()))
        come: dict[int, Any] = {}
        next_ = 0
        while next_ < len(self.targets):
            if files and len(self.out) <= AHEAD // 2:  # many at once: a graph costs the scheduler more than a task
                self._hand_out([files.popleft() for _ in range(min(len(files), AHEAD - len(self.out)))])
            # before all others, and no more than can be worked on at once, so that handed out is as good as begun
            while google and len(self.paced) < threads and not self.pace.wait:
                self.paced.add(google[0])
                self.pace.begin()
                self._hand_out([google.popleft()], priority=1)
            come |= self._answers(min(_POLL, self.pace.wait or _POLL) if google else _POLL)
            if self.client.status == "closed":
                files.clear()
                google.clear()
                come |= {number: self._lost(number) for number in range(next_, len(self.targets)) if number not in come}
            while next_ in come:
                yield come.pop(next_)
                next_ += 1

    def _hand_out(self, numbers: Sequence[int], priority: int = 0) -> None:
        work = partial(_work, self.do, self.limit, self.name)
        futures = self.client.map(
            work, [self.targets[number] for number in numbers], numbers,
            key=[(self.name, number) for number in numbers], pure=False, retries=RETRIES, priority=priority,
        )  # fmt: skip
        for number, future in zip(numbers, futures, strict=True):
            self.out[number] = future
            future.add_done_callback(partial(self._note, number))

    def _note(self, number: int, _future: object) -> None:
        self.done.put(number)

    def _answers(self, patience: float) -> dict[int, Any]:
        """What has come by now, by the targets' numbers; for the first one `patience` seconds are waited."""
        numbers: list[int] = []
        with contextlib.suppress(Empty):
            numbers.append(self.done.get(timeout=patience))
            while True:
                numbers.append(self.done.get_nowait())
        numbers = [number for number in dict.fromkeys(numbers) if number in self.out]
        whole = [number for number in numbers if self.out[number].status == "finished"]
        found: dict[int, Any] = {}
        with contextlib.suppress(Exception):  # those of a worker that just went: each is then asked for by itself
            found.update(zip(whole, self.client.gather([self.out[number] for number in whole]), strict=True))
        for number in numbers:
            if number not in found:
                found[number] = self._answer(number)
            self.paced.discard(number)
            del self.out[number]
        return found

    def _answer(self, number: int) -> Any:
        from distributed import KilledWorker

        future = self.out[number]
        try:
            return future.result()
        except KilledWorker as error:
            workers = f"{error.allowed_failures + 1} workers ended one after another while they were at it"
            return Ended(self.targets[number], in_time=True, told=f"{workers}: look for the reason in their logs.")
        except Exception as error:  # noqa: BLE001 - `do` does not raise, so it is the cluster's trouble
            if future.cancelled():
                return self._lost(number)
            return Ended(self.targets[number], in_time=True, told=f"its worker could not do it ({error}).")

    def _lost(self, number: int) -> Ended:
        told = "the scheduler is out of reach: it is as it was, or completely up to date. Run this again."
        return Ended(self.targets[number], in_time=True, told=told)

    def begun_again(self) -> list[str]:
        """The targets that more than one worker has begun."""
        events: Sequence[tuple[Any, int]] = ()
        with contextlib.suppress(Exception):  # a scheduler that is gone remembers nothing
            events = self.client.get_events(self.name)
        times = Counter(number for _, number in events)
        return [self.targets[number] for number in sorted(times) if times[number] > 1]

    def call_off(self) -> None:
        """Nobody begins any more; whoever has begun ends in time."""
        if self.out and self.client.status == "running":
            self.client.cancel(list(self.out.values()))


@contextlib.contextmanager
def _connected(scheduler: str) -> Iterator[Any]:
    """A cluster with at least one worker, all of whom have our version. Raises NotInstalledError, FleetError."""
    try:
        from distributed import Client
    except ImportError:
        raise NotInstalledError("A cluster", "dask[distributed]") from None
    for name in ("distributed", "distributed.client"):  # we say ourselves what matters
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # other versions of libraries that make no difference here
        try:
            client: Any = Client(  # type: ignore[no-untyped-call]
                scheduler, timeout=CONNECT, set_as_default=False
            )
        except (OSError, ValueError, TimeoutError):
            raise FleetError(
                f"No scheduler answers at {scheduler}: start one with `dask scheduler`, or correct the address."
            ) from None
    try:
        try:
            client.wait_for_workers(1, timeout=CONNECT)
        except TimeoutError:
            raise FleetError(f"The scheduler has no workers: start some with `dask worker {scheduler}`.") from None
        _check_versions(client)
        yield client
    finally:
        with contextlib.suppress(Exception):  # a scheduler that is gone needs no farewell
            client.close()


def _check_versions(client: Any) -> None:
    ours = metadata.version("sheetsync")
    found: dict[str, Any] = client.run(metadata.version, "sheetsync", on_error="return")
    for worker, theirs in sorted(found.items()):
        if isinstance(theirs, Exception):
            raise FleetError(f"The worker at {worker} has no sheetsync: install sheetsync {ours} there.")
        if theirs != ours:
            raise FleetError(
                f"The worker at {worker} has sheetsync {theirs}, and this computer {ours}: install the same on both."
            )


_idle: list[Child] = []
"""A worker's children with nothing to do: as many as it has threads."""


def _work(do: Callable[[str], R], limit: float, errand: str, target: str, number: int) -> R | Ended:
    """One target, on a worker. Raises BrokenChildError."""
    from distributed import get_worker

    get_worker().log_event(errand, number)
    try:
        child = _idle.pop()
    except IndexError:
        child = Child()
    try:
        return child.run(do, target, limit)
    finally:
        _idle.append(child)
