"""What is printed: rich tables in a terminal, plain text in a pipe, the same words in both.

A command says what it has to say as blocks (`Line`, `Table`); `show` alone knows where they go. Plain text has no box
drawing, no colour and no wrapping, and does not depend on the width of anything but its content.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text as RichText

Tone = Literal["", "title", "quiet", "bad", "warn", "good"]
_STYLES: Final[Mapping[Tone, str]] = {
    "": "", "title": "bold", "quiet": "dim", "bad": "bold dark_orange3", "warn": "yellow", "good": "cyan",
}  # fmt: skip
"""Orange and cyan stay apart for colour-blind eyes; the words say the same."""
FOLLOW_UP_TONES: Final[Mapping[str, Tone]] = {"Overdue": "bad", "Due": "warn", "Upcoming": "good"}

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, a title, or, empty, a gap. Also a table's cell that has a tone."""

    text: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings, or, where all headings are empty, just rows. The last column takes what room is left and wraps in a terminal.

    A cell's lines stand below each other in a terminal; in plain text commas part them.
    """

    headings: tuple[str, ...]
    rows: Sequence[Sequence[str | Line]]
    numbers: frozenset[int] = frozenset()
    """The columns, counted from 0, that align at the right."""


Block = Line | Table
GAP: Final = Line()


def show(blocks: Sequence[Block]) -> None:
    """Print blocks on stdout."""
    if not blocks:
        return
    if sys.stdout.isatty():
        console = _console(stderr=False)
        for block in blocks:
            console.print(_rich_line(block) if isinstance(block, Line) else _rich_table(block))
    else:
        click.echo("\n".join(line for block in blocks for line in plain(block)))


def show_json(value: Any) -> None:
    """Print one JSON value on stdout, in characters that its encoding has: indented for eyes, on one line for programs."""
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    click.echo(
        json.dumps(value, ensure_ascii=encoding != "utf8", indent=2 if sys.stdout.isatty() else None, allow_nan=False)
    )


def plain(block: Block) -> Iterator[str]:
    """A block as lines of plain text."""
    if isinstance(block, Line):
        yield block.text
        return
    texts = ([cell.text if isinstance(cell, Line) else cell for cell in row] for row in block.rows)
    rows = [block.headings, *([text.replace("\n", ", ") for text in row] for row in texts)]
    widths = [max(_width(row[i]) for row in rows) for i in range(len(block.headings))]
    for row in rows if any(block.headings) else rows[1:]:
        cells = [
            " " * (width - _width(text)) + text if i in block.numbers else text + " " * (width - _width(text))
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def clean(value: object, most: int | None = None) -> str:
    """A cell's text on one line, without characters that steer a terminal, cut with an ellipsis after `most`."""
    text = " ".join(str(value).split())
    if not text.isprintable():
        text = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    if most is not None and len(text) > most:
        text = text[: most - 1].rstrip() + "…"
    return text


def day(value: dt.date, today: dt.date) -> str:
    """A date as people say it: `Tue 3 Nov`, with the year where it is not this one's."""
    text = f"{_DAYS[value.weekday()]} {value.day} {_MONTHS[value.month - 1]}"
    return text if value.year == today.year else f"{text} {value.year}"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 row`, `1,284 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


@contextmanager
def progress(total: int, *, wanted: bool) -> Iterator[Callable[[str, int], None]]:
    """A bar on stderr while the block runs, if it is wanted and somebody looks: call it with (what, steps done)."""
    if not (wanted and sys.stderr.isatty()):
        yield lambda _what, _done: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=_console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda what, done: bar.update(task, description=what, completed=done)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)


def _rich_line(line: Line) -> RichText:
    from rich.text import Text

    return Text(line.text, style=_STYLES[line.tone])


def _rich_table(table: Table) -> RichTable:
    from rich.table import Table as RichTable

    shown = RichTable(
        show_header=any(table.headings), box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim"
    )
    last = len(table.headings) - 1
    for i, heading in enumerate(table.headings):
        shown.add_column(
            heading,
            justify="right" if i in table.numbers else "left",
            ratio=1 if i == last else None,
            overflow="fold",  # a name that is too long is broken, not cut off
            no_wrap=i in table.numbers,
        )
    for row in table.rows:
        shown.add_row(*(_rich_line(cell if isinstance(cell, Line) else Line(cell)) for cell in row))
    return shown


def _width(text: str) -> int:
    """How many columns of a fixed-width screen a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in {"W", "F"} else 1 for c in text
    )
