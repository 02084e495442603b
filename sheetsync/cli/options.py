"""The options that commands share, what they turn into, and the clock."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sheetsync.model import FIELDS

if TYPE_CHECKING:
    from sheetsync.sheets.source import Source

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person asked for this once, as every command that reads a tracker takes it."""

    as_of: dt.date | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The settings given as options, by their names in `sheetsync.settings.Settings`."""
    service_account: str | None = None

    @property
    def moment(self) -> dt.date | dt.datetime:
        """The day to plan for: the one asked for, else this moment in the computer's time zone."""
        return self.as_of or dt.datetime.now().astimezone()

    @property
    def today(self) -> dt.date:
        """The day asked for, else today by the computer's clock."""
        return self.as_of or dt.datetime.now().astimezone().date()


def read_day(ctx: click.Context, param: click.Parameter, value: str | None) -> dt.date | None:
    """An option's date, as ISO writes it."""
    try:
        return None if value is None else dt.date.fromisoformat(value.strip())
    except ValueError:
        told = f"{value!r} is no date: write it as year-month-day, such as 2026-11-02"
        raise click.BadParameter(told, ctx, param) from None


def _read_pairs(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """The pairs of --map. A field given twice takes the last."""
    pairs = {}
    for value in values:
        name, _, column = (part.strip() for part in value.partition("="))
        if not name or not column:
            raise click.BadParameter(f"{value!r} is not FIELD=COLUMN, such as applied_on=D", ctx, param)
        if name not in FIELDS:
            from difflib import get_close_matches

            close = get_close_matches(name, FIELDS, n=1, cutoff=0.5)
            told = f"did you mean {close[0]}?" if close else f"the fields are {', '.join(FIELDS)}."
            raise click.BadParameter(f"there is no field {name!r}: {told}", ctx, param)
        pairs[name] = column
    return pairs


service_account = click.option(
    "--service-account",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="A Google service account's key; Google Sheets only, a file needs none.",
)


def reads_tracker(command: F) -> F:
    """Give a command the options of everything that reads a tracker; they arrive together as `asked`."""

    @functools.wraps(command)
    def wrapper(
        *args: Any,
        as_of: dt.date | None,
        sheet: str | None,
        header_row: int | None,
        mapped: dict[str, str],
        day_first: bool | None,
        profile: str | None,
        service_account: str | None,
        **kwargs: Any,
    ) -> Any:
        given = {
            "sheet": sheet,
            "header_row": header_row,
            "fields": mapped or None,
            "day_first": day_first,
            "profile": profile,
        }
        settings = {key: value for key, value in given.items() if value is not None}
        return command(*args, asked=Asked(as_of, settings, service_account), **kwargs)

    options = (
        click.option(
            "--as-of", callback=read_day, metavar="DATE", help="Plan as of this day (2026-11-02) instead of today."
        ),
        click.option("--sheet", metavar="NAME", help="The sheet that holds the tracker."),
        click.option("--header-row", type=click.IntRange(min=1), metavar="N", help="The row with the column names."),
        click.option(
            "--map",
            "mapped",
            callback=_read_pairs,
            multiple=True,
            metavar="FIELD=COLUMN",
            help="Say what a column is, by its letter or its header; FIELD=- leaves the field out. Repeatable.",
        ),
        click.option(
            "--day-first/--month-first",
            "day_first",
            default=None,
            help="How to read a date such as 03/04/2026 where the sheet does not tell.",
        ),
        click.option("--profile", metavar="NAME", help="The cadence: balanced (the default), reserved or persistent."),
        service_account,
    )
    for option in reversed(options):
        wrapper = option(wrapper)
    return wrapper  # type: ignore[return-value]  # the same function, with options that click fills


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs instead of text for people.")
target = click.argument("target", type=click.Path())


def example(*lines: str) -> str:
    """A command's epilog, set as it stands."""
    return "\b\n" + "\n".join(["Example:" if len(lines) == 1 else "Examples:", *(f"  {line}" for line in lines)])


def open_target(location: str, service_account: str | None = None, *, wait: float = 0) -> Source:
    """The spreadsheet at a location; what it waits for at Google is said on stderr. Raises as `open_source` does."""
    from sheetsync.sheets import open_source

    return open_source(location, wait=wait, service_account=service_account, tell=say)


def say(sentence: str) -> None:
    """One line on stderr."""
    click.echo(f"sheetsync: {sentence}", err=True)
