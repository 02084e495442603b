"""`sheetsync inspect`: what is recognised, and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from sheetsync.cli.options import Asked, as_json, example, open_target, reads_tracker, target
from sheetsync.cli.output import GAP, Block, Line, Table, clean, count, show, show_json
from sheetsync.cli.summary import problem_lines
from sheetsync.errors import NoTrackerError
from sheetsync.measures.threads import letters, problem_json
from sheetsync.model import Layout, Problem, Tracker, column_letter
from sheetsync.sheets.companions import settings_beside

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATE_ORDERS: Final = {
    "native": "real dates",
    "iso": "text, year-month-day",
    "dmy": "text, day first",
    "mdy": "text, month first",
    "mixed": "real dates and text",
    "unknown": "text, day and month not told apart: say --day-first or --month-first",
    "empty": "no date yet",
}


@dataclass(frozen=True, slots=True)
class _Found:
    layout: Layout
    tracker: Tracker
    problems: tuple[Problem, ...]


@click.command(
    epilog=example(
        "sheetsync inspect tracker.xlsx",
        "sheetsync inspect list.xlsx --sheet Jobs --header-row 3",
        "sheetsync inspect old.csv --json",
    )
)
@target
@reads_tracker
@as_json
def command(target: str, *, asked: Asked, as_json: bool) -> None:
    """Show what sheetsync recognises in a spreadsheet.

    The sheet, the row of column names, what each column means and how surely, how dates are read, what each status word
    stands for, and every cell that cannot be read. Nothing is written.
    """
    try:
        found = _recognise(target, asked)
    except NoTrackerError as error:
        if as_json:
            show_json({"target": target, "tracker": False, "reason": error.reason})
        raise
    if as_json:
        show_json(_as_json(target, found))
    else:
        show(_as_text(target, found))


def _recognise(target: str, asked: Asked) -> _Found:
    """Read and recognise; no plan is made. Raises NoTrackerError, UsageError, FileError."""
    from sheetsync.tracker.configure import configure
    from sheetsync.tracker.normalise import normalise
    from sheetsync.tracker.recognise import recognise

    snapshot = open_target(target, asked.service_account).read()
    settings, told = configure(snapshot, toml=settings_beside(target), options=asked.settings)
    layout = recognise(snapshot, settings)
    tracker = normalise(snapshot, layout, settings)
    return _Found(layout, tracker, (*snapshot.problems, *told, *layout.problems, *tracker.problems))


def _as_json(target: str, found: _Found) -> dict[str, Any]:
    layout = found.layout
    columns = letters(layout.columns)
    return {
        "target": target,
        "tracker": True,
        "sheet": layout.sheet,
        "header_row": layout.header_row,
        "first_row": layout.first_row,
        "last_row": layout.last_row,
        "columns": columns,
        "confidence": {name: round(float(layout.confidence[name]), 3) for name in columns},
        "unmapped": {column_letter(column): header for column, header in sorted(layout.unmapped.items())},
        "stages": dict(found.tracker.stages),
        "date_order": dict(layout.date_order),
        "other_trackers": list(layout.other_trackers),
        "problems": [problem_json(problem) for problem in found.problems],
    }


def _as_text(target: str, found: _Found) -> list[Block]:
    layout, threads = found.layout, len(found.tracker.frame)
    table = f", table {clean(layout.table)!r}" if layout.table else ""
    blocks: list[Block] = [
        Line(clean(target), "title"),
        Line(f"Sheet {clean(layout.sheet)!r}{table}: column names in row {layout.header_row}."),
        Line(f"{count(threads, 'thread')} in {_rows(layout)}." if threads else "No thread yet."),
        GAP,
        Line("Columns", "title"),
        _columns(layout),
    ]
    if layout.unmapped:
        named = (f"{column_letter(column)} {clean(header, 40)}" for column, header in sorted(layout.unmapped.items()))
        blocks += [GAP, Line("Left alone", "title"), Line(f"  {', '.join(named)}")]
    if layout.touches:
        blocks.append(Line(f"  Dates of past reminders: {', '.join(map(column_letter, layout.touches))}"))
    if found.tracker.stages:
        blocks += [GAP, Line("Status words", "title"), *_stages(found.tracker.stages)]
    if layout.other_trackers:
        others = ", ".join(repr(clean(name)) for name in layout.other_trackers)
        blocks += [GAP, Line(f"Other sheets that look like trackers: {others} (choose one with --sheet).")]
    if found.problems:
        blocks += [GAP, Line("To look at", "title"), *problem_lines(found.problems, layout.sheet)]
    return blocks


def _rows(layout: Layout) -> str:
    if layout.first_row == layout.last_row:
        return f"row {layout.first_row}"
    return f"rows {layout.first_row} to {layout.last_row}"


def _columns(layout: Layout) -> Table:
    rows: list[list[str | Line]] = []
    for name, column in sorted(layout.columns.items(), key=lambda item: item[1]):
        sure = layout.confidence[name]
        rows.append(
            [
                column_letter(column),
                clean(layout.headers.get(column, ""), 40),
                name,
                Line(f"{100 * sure:.0f} %", "" if sure >= 0.8 else "warn"),
                _DATE_ORDERS.get(layout.date_order.get(name, ""), ""),
            ]
        )
    return Table(("Column", "Header", "Field", "Sure", "Dates"), rows, numbers=frozenset({3}))


def _stages(stages: Mapping[str, str]) -> list[Block]:
    """Each stage with the words that stand for it; the unknown ones last, with how to teach them."""
    words: dict[str, list[str]] = {}
    for text, stage in stages.items():
        words.setdefault(stage, []).append(clean(text, 40))
    unknown = words.pop("unknown", [])
    blocks: list[Block] = [Table(("Stage", "Words"), [[stage, ", ".join(texts)] for stage, texts in words.items()])]
    if unknown:
        blocks += [
            Line(f"  Not understood: {', '.join(repr(word) for word in unknown)}.", "warn"),
            Line(f'  Teach them in sheetsync.toml beside the file: stages.{_toml(unknown[0])} = "applied"'),
        ]
    return blocks


def _toml(text: str) -> str:
    """A text as TOML writes it in quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
