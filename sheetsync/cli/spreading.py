"""Where several trackers are worked on: in processes of this computer (`--jobs`), or on a cluster (`--scheduler`)."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from sheetsync.cli.options import Asked, say
from sheetsync.errors import UsageError
from sheetsync.sheets.google.address import is_google

if TYPE_CHECKING:
    from sheetsync.cli.workers import Ended

F = TypeVar("F", bound=Callable[..., Any])
R = TypeVar("R")
PER_MINUTE: Final = 60
"""Trackers at Google that may begin a minute: Google's quota of reads for one account (a project has 300)."""
_ADDRESS: Final = re.compile(r"(?:(?:tcp|tls|ws|wss)://)?(?:\[[0-9a-fA-F:.]+\]|[^\s/:\[\]]+):[0-9]{1,5}\Z")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Dask cluster, as the options name it."""

    scheduler: str
    per_minute: int


def everywhere(
    cluster: Cluster | None, targets: Sequence[str], asked: Asked, *, jobs: int
) -> tuple[tuple[str, ...], Asked]:
    """Targets and options as they mean the same on every worker; as they are without a cluster. Raises UsageError."""
    if cluster is None:
        return tuple(targets), asked
    if not _ADDRESS.match(cluster.scheduler):
        raise UsageError(
            f"{cluster.scheduler!r} is no scheduler's address: it looks like tcp://10.0.0.5:8786, as `dask scheduler` "
            "prints it."
        )
    if jobs != 1:
        raise UsageError("--jobs is for this computer: with --scheduler, the cluster's workers share the work.")
    key = asked.service_account
    return tuple(map(absolute, targets)), replace(asked, service_account=absolute(key) if key else key)


def on_cluster(command: F) -> F:
    """Give a command the options of a cluster; they arrive as `cluster`, None if there is none."""

    @functools.wraps(command)
    def wrapper(*args: Any, scheduler: str | None, google_per_minute: int | None, **kwargs: Any) -> Any:
        if scheduler is None and google_per_minute is not None:
            raise UsageError("--google-per-minute is for a cluster: name its --scheduler ADDRESS as well.")
        cluster = Cluster(scheduler, google_per_minute or PER_MINUTE) if scheduler is not None else None
        return command(*args, cluster=cluster, **kwargs)

    options = (
        click.option("--scheduler", metavar="ADDRESS", help="Let a Dask cluster do it, such as tcp://10.0.0.5:8786."),
        click.option(
            "--google-per-minute",
            type=click.IntRange(min=1),
            metavar="N",
            help=f"How many Google trackers the cluster may begin a minute ({PER_MINUTE}).",
        ),
    )
    for option in reversed(options):
        wrapper = option(wrapper)
    return wrapper  # type: ignore[return-value]  # the same function, with options that click fills


def each_of(
    do: Callable[[str], R],
    targets: Sequence[str],
    *,
    jobs: int,
    limit: float,
    cluster: Cluster | None,
    at_google: Callable[[str], bool] = is_google,
) -> Iterator[R | Ended]:
    """What `do` makes of each target, in their order, here or on the cluster. Raises UsageError, FleetError.

    `limit` is each one's seconds. `do` and its results must be picklable, and `do` must not raise.
    """
    if cluster is None:
        from sheetsync.cli.workers import each

        return each(do, targets, jobs=jobs, limit=limit)
    from sheetsync.cli.fleet import each_on_cluster

    return each_on_cluster(
        do,
        targets,
        scheduler=cluster.scheduler,
        limit=limit,
        per_minute=cluster.per_minute,
        at_google=at_google,
        tell=say,
    )


def absolute(target: str) -> str:
    """A target as every worker understands it."""
    return target if is_google(target) else os.path.abspath(target)  # noqa: PTH100 - a link keeps its own name
