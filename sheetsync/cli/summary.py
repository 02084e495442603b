"""What a person is told after a sync, and of whom to contact: a report as blocks to print."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from sheetsync.cli.output import FOLLOW_UP_TONES, GAP, Block, Line, Table, clean, count, day
from sheetsync.cli.reporting import SHOWN_CHANGES, Failure, Passing, Report, brief
from sheetsync.measures.problems import alike
from sheetsync.measures.threads import Thread
from sheetsync.model import Problem, Value
from sheetsync.sheets.google.address import is_google

SHOWN_PROBLEMS: Final = 10
SHOWN_LEFT_ALONE: Final = 8
_SHOWN_PLACES: Final = 3


def sync_blocks(found: Report) -> list[Block]:
    """What one sync did: everything at the first, little at a nightly one, a line where nothing was new."""
    name = clean(found.target)
    if not found.dry and not found.written:
        told = [Line(clean(sentence)) for sentence in found.recorded]
        return [*told, Line(f"{name}: nothing new. {_counts_sentence(found)}{_look(found)}")]
    blocks: list[Block] = [Line(f"{name}, as of {day(found.as_of, found.as_of)} {found.as_of.year}", "title")]
    if found.first:
        blocks += recognised(found.threads, found.sheet, found.header_row, found.columns, found.left_alone)
    if found.adopted:
        blocks.append(
            Line("The marks of sheetsync's columns were lost; the six that stand together were taken for them again.")
        )
    if found.back:
        blocks.append(Line(f"Look at the clock: {found.back}", "warn"))
    blocks += [Line(clean(sentence)) for sentence in found.recorded]
    blocks += [GAP, *contact_blocks(found.ranked, found.as_of, found.due, found.counts["Cold"])]
    blocks.append(Line(_counts_sentence(found)))
    if found.problems or found.missing:
        blocks += [
            GAP,
            Line("To look at", "title"),
            *problem_lines((*found.problems, *found.missing), found.sheet),
        ]
    if found.dry:
        blocks += [GAP, *_dry_blocks(found)]
    else:
        blocks += [GAP, *_written(found), *_once(found)]
    if found.first and found.country is None:
        beside = "" if is_google(found.target) else ', or with country = "GB" in sheetsync.toml beside the file'
        blocks.append(
            Line(
                "No country is set, so public holidays count as working days: set yours on the workbook's Settings sheet "
                f"(`sheetsync add {shlex.quote(name)} settings` makes one){beside}.",
                "quiet",
            )
        )
    return blocks


def several_blocks(results: Sequence[Report | Failure | Passing]) -> list[Block]:
    """What several syncs did: a table with a line for each, what was passed over, and how many went well."""
    done = [result for result in results if not isinstance(result, Passing)]
    names = short_names([result.target for result in results])
    rows = [_several_row(names[result.target], result) for result in done]
    blocks: list[Block] = []
    if rows:
        blocks += [Table(("Tracker", "Overdue", "Due", "Changed", ""), rows, numbers=frozenset({1, 2, 3})), GAP]
    passed = [result for result in results if isinstance(result, Passing)]
    blocks += [Line(f"Passed over {names[result.target]}: {clean(result.reason)}.", "quiet") for result in passed]
    failed = sum(isinstance(result, Failure) for result in done)
    told = f"{count(len(done) - failed, 'tracker')} done"
    return [*blocks, Line(f"{told}, {failed:,} failed." if failed else f"{told}.", "title")]


def short_names(targets: Sequence[str]) -> dict[str, str]:
    """Target -> what to call it among the others: files without the folder that all of them are in."""
    files = [target for target in targets if not is_google(target)]
    with contextlib.suppress(ValueError):  # on different drives, or some absolute and some not
        common = os.path.commonpath([str(Path(file).parent) for file in files]) if len(files) > 1 else ""
        if common:
            return {each: clean(os.path.relpath(each, common) if each in files else each, 60) for each in targets}
    return {each: clean(each, 60) for each in targets}


def _several_row(name: str, found: Report | Failure) -> list[str | Line]:
    if isinstance(found, Failure):
        return [name, "", "", "", Line(f"failed: {brief(found)}", "bad")]
    standing = (found.counts["Overdue"], found.counts["Due"])
    told = ["was the clock put back? its last night was later"] if found.back else []
    if found.dry and found.changed_cells:
        told.append("would change; nothing was written")
    if number := len(found.problems) + len(found.missing):
        told.append(f"{count(number, 'thing')} to look at")
    numbers = [f"{number:,}" if number else "-" for number in (*standing, found.changed_cells)]
    return [name, *numbers, Line("; ".join(told), "warn" if told else "")]


def recognised(
    threads: int, sheet: str, header_row: int, columns: Mapping[str, str], left_alone: Mapping[str, str]
) -> list[Block]:
    """Where the tracker is, what its columns mean, and which are left alone, a line each."""
    named = ", ".join(f"{letter} {name}" for name, letter in columns.items())
    return [
        Line(f"Recognised {count(threads, 'row')} on sheet {clean(sheet)!r}, column names in row {header_row}."),
        Line(f"Columns: {named}.", "quiet"),
        *_left_alone(left_alone),
    ]


def _left_alone(columns: Mapping[str, str]) -> Iterator[Line]:
    named = [f"{letter} “{clean(header, 40)}”" for letter, header in columns.items()]
    if named:
        more = len(named) - SHOWN_LEFT_ALONE
        told = f", and {more:,} more; `sheetsync inspect` shows them" if more > 0 else ""
        yield Line(f"Left alone: {', '.join(named[:SHOWN_LEFT_ALONE])}{told}.")


def _once(found: Report) -> Iterator[Line]:
    """That options of this run are forgotten after it, and how to keep them."""
    if found.once:
        place = "onto a Settings sheet" + ("" if is_google(found.target) else " or into sheetsync.toml beside the file")
        yield Line(
            f"What you said of the sheet and its columns counts for this run only: put {clean(', '.join(found.once))} "
            f"{place}, so that it counts at night, too.",
            "quiet",
        )


def contact_blocks(
    ranked: Sequence[Thread], today: dt.date, due: int, cold: int, *, closing: str = "with `sheetsync sweep --apply`"
) -> list[Block]:
    """Whom to contact, the most pressing first, then how many more, and how cold ones are closed."""
    if not ranked:
        blocks: list[Block] = [Line("Nobody has to be contacted today.", "title")]
    else:
        blocks = [Line("Contact now", "title"), contact_table(ranked, today)]
    more = due - len(ranked)
    if more or cold:
        told = [f"{more:,} more {'is' if more == 1 else 'are'} due"] if more else []
        if cold:
            has, them = ("has", "it") if cold == 1 else ("have", "them")
            told.append(f"{cold:,} {has} gone cold: close {them} {closing} or set a date")
        elif more:
            told[0] += ": close old ones in the sheet"
        blocks.append(Line(f"{'; '.join(told)}."))
    return blocks


def upcoming_blocks(soon: Sequence[Thread], number: int, days: int, today: dt.date) -> list[Block]:
    """What begins within the next days, the earliest first, then how many more."""
    within = f"in the next {count(days, 'day')}" if days != 1 else "tomorrow"
    if not soon:
        return [GAP, Line(f"Nothing more begins {within}.", "title")]
    blocks: list[Block] = [GAP, Line(f"Begins {within}", "title"), contact_table(soon, today)]
    if number > len(soon):
        blocks.append(Line(f"And {number - len(soon):,} more."))
    return blocks


def contact_table(ranked: Sequence[Thread], today: dt.date) -> Table:
    """Ranked threads as a table: row, who, what to do, by when, why."""
    rows: list[list[str | Line]] = []
    for thread in ranked:
        who = [clean(text, 40) for text in (thread.company, thread.contact or thread.role) if text]
        by = [f"by {day(thread.contact_by, today)}"] if thread.contact_by else []
        if thread.follow_up == "Upcoming" and thread.next_contact:
            by = [f"from {day(thread.next_contact, today)}"]
        if thread.follow_up == "Overdue":
            by.append("overdue")
        rows.append(
            [
                str(thread.row),
                "\n".join(who),
                clean(thread.next_action or thread.action or "", 80),
                Line("\n".join(by), FOLLOW_UP_TONES.get(thread.follow_up or "", "")),
                clean(thread.why or ""),
            ]
        )
    return Table(("Row", "Who", "What", "When", "Why"), rows, numbers=frozenset({0}))


def problem_lines(problems: Sequence[Problem], sheet: str) -> Iterator[Line]:
    """Problems, the same one on many rows told once with its first places."""
    groups = alike(problems)
    for group in groups[:SHOWN_PROBLEMS]:
        places = list(dict.fromkeys(_place(problem, sheet) for problem in group))
        told = ", ".join(places[:_SHOWN_PLACES])
        if len(places) > 1 and all(place.startswith("row ") for place in places):
            told = f"rows {told.replace('row ', '')}"
        if len(places) > _SHOWN_PLACES:
            told += f" and {len(places) - _SHOWN_PLACES:,} more"
        if len({problem.message for problem in group}) > 1:
            told += ", for example"
        yield Line(f"  {told}: {clean(group[0].message)}" if told else f"  {clean(group[0].message)}")
    if len(groups) > SHOWN_PROBLEMS:
        yield Line(f"  And {count(len(groups) - SHOWN_PROBLEMS, 'more kind', 'more kinds')} (see them with --json).")


def _place(problem: Problem, sheet: str) -> str:
    """Where a problem is, leaving out the sheet that everything is about."""
    place = clean(problem.place)
    if problem.sheet != sheet:
        return place
    return place.removeprefix(clean(sheet)).removeprefix("!").strip()


def _counts_sentence(found: Report) -> str:
    """How many rows there are of each follow-up word, and how many of none."""
    told = [f"{number:,} {word.lower()}" for word, number in found.counts.items() if number]
    if rest := found.threads - sum(found.counts.values()):
        told.append(f"{rest:,} not begun")
    return f"{', '.join(told)}." if told else "The tracker has no row yet."


def _look(found: Report) -> str:
    number = len(found.problems) + len(found.missing)
    return (
        f" {count(number, 'thing')} to look at: `sheetsync sync {shlex.quote(found.target)} --dry-run` shows."
        if number
        else ""
    )


def _written(found: Report) -> Iterator[Block]:
    standing = [letter for letter in found.owned.values() if letter]
    cells = found.changed_cells - sum(found.refreshed.values())
    where = f"columns {standing[0]} to {standing[-1]}" if len(standing) > 1 else f"column {''.join(standing)}"
    if found.first:
        wrote = f" and wrote {count(cells, 'cell')} there" if cells else ""
        yield Line(f"Added {where} to sheet {clean(found.sheet)!r}{wrote}.")
    elif cells:
        yield Line(f"Wrote {count(cells, 'cell')} in {where} of sheet {clean(found.sheet)!r}.")
    elif not found.refreshed:
        yield Line(f"Brought the colours of sheet {clean(found.sheet)!r} up to date; no cell changed.")
    for sheet, number in found.refreshed.items():
        yield Line(f"Brought {count(number, 'cell')} of sheet {clean(sheet)!r} up to date.")
    if found.backup:
        yield Line(f"The file as it was: {clean(found.backup)}", "quiet")


def _dry_blocks(found: Report) -> Iterator[Block]:
    if not found.changed_cells:
        yield Line("Nothing would change.", "title")
        return
    yield Line("What would change", "title")
    rows = [
        [str(changed.row), clean(changed.name, 30), "; ".join(_change(cell, found.as_of) for cell in changed.cells)]
        for changed in found.changed_rows
    ]
    if rows:
        yield Table(("Row", "Who", "Change"), rows, numbers=frozenset({0}))
    for sheet, number in found.refreshed.items():
        yield Line(f"The numbers of sheet {clean(sheet)!r} ({count(number, 'cell')}).")
    more = found.changed_row_count - SHOWN_CHANGES
    if more > 0:
        yield Line(f"And {count(more, 'more row')}.")
    yield Line(f"{count(found.changed_cells, 'cell')} would change; nothing was written.")


def _change(cell: tuple[str, Value, Value], today: dt.date) -> str:
    """One cell of a dry run: `Follow-up: Due -> Overdue`, or, where nothing stood, `Follow-up: Due`."""
    header, before, after = cell
    was = "" if before is None else f"{_cell(before, today)} -> "
    return f"{header}: {was}{'empty' if after is None else _cell(after, today)}"


def _cell(value: Value, today: dt.date) -> str:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return day(value, today)
    return clean(value)
