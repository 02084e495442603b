"""What `sheetsync share` says: what goes out and what stays, who was given what."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheetsync.cli.output import GAP, Block, Line, Table, clean, count, day, show, show_json

if TYPE_CHECKING:
    from sheetsync.cli.sharing import Given, Terms
    from sheetsync.coach.copying import Copy
    from sheetsync.coach.redaction import Column
    from sheetsync.model import Layout
    from sheetsync.records.shares import Share

_TAKEN_OUT = {
    "email": "e-mail addresses", "phone": "phone numbers", "link": "links", "salary": "amounts of money",
}  # fmt: skip


def one_sheet(layout: Layout) -> list[Block]:
    """That one of several trackers in a spreadsheet is shared, and which ones are not."""
    if not layout.other_trackers:
        return []
    others = clean(", ".join(layout.other_trackers))
    return [Line(f"Only sheet {clean(layout.sheet)} is shared, not {others}: name another one with --sheet.", "warn")]


def share_text(
    target: str, out: Path | None, terms: Terms | None, copy: Copy, today: dt.date, *, new_ids: int
) -> list[Block]:
    goes = [column for column in copy.columns if column.shown]
    stays = [column for column in copy.columns if not column.shown and (column.place or column.values)]
    where = clean(str(out)) if out is not None else f"a copy at Google for {clean(terms.email)}" if terms else ""
    blocks: list[Block] = [
        Line(
            f"{clean(target)}, as of {day(today, today)} {today.year}: {count(copy.rows, 'thread')} for {where}",
            "title",
        ),
        GAP,
        Line("Goes out", "title"),
        Table(("Column", "", "Cells", "Taken out in"), [_row(column) for column in goes], numbers=frozenset({2, 3})),
        GAP,
        Line("Stays at home", "title"),
        Table(("Column", "", "Cells", "Taken out in"), [_row(column) for column in stays], numbers=frozenset({2, 3})),
    ]
    blocks += [
        Line(f"And {name} in the texts that go out: taken out in {count(copy.elsewhere[field], 'cell')}.")
        for field, name in _TAKEN_OUT.items()
        if field in copy.elsewhere
    ]
    blocks.append(Line("Other sheets, comments, formulas, links and the file's properties never go along."))
    blocks += [
        Line(
            f"Rows {' and '.join(map(str, rows))} have the same ID, so a note beside one of them finds no row for certain: give them "
            "different ones first."
        )
        for rows in copy.same_ids
    ]
    if new_ids:
        blocks += [
            GAP,
            Line(f"The tracker gets {count(new_ids, 'id')} in a column ID, by which the notes find their rows again."),
        ]
    return blocks


def _row(column: Column) -> list[str | Line]:
    return [
        clean(column.name, 40),
        Line(column.why, "quiet"),
        str(column.values),
        str(column.scrubbed) if column.scrubbed else "",
    ]


def share_json(
    target: str,
    out: Path | None,
    terms: Terms | None,
    copy: Copy,
    today: dt.date,
    *,
    written: bool,
    given: Given | None,
) -> dict[str, Any]:
    return {
        "target": target,
        "out": str(out) if out is not None else None,
        "with": terms.email if terms else None,
        "url": given.url if given else None,
        "as_of": today.isoformat(),
        "rows": copy.rows,
        "columns": [
            {
                "column": column.name,
                "field": column.key or None,
                "shown": column.shown,
                "why": column.why,
                "values": column.values,
                "scrubbed": column.scrubbed,
            }
            for column in copy.columns
        ],
        "taken_out": dict(copy.elsewhere),
        "same_ids": [list(rows) for rows in copy.same_ids],
        "told": list(given.told) if given else [],
        "written": written,
    }


def show_given(target: str, given: Given, *, as_json: bool) -> None:
    if as_json:
        show_json({"target": target, "url": given.url or None, "told": list(given.told)})
    else:
        show([*(Line(clean(sentence)) for sentence in given.told), *([Line(given.url)] if given.url else [])])


def show_shares(target: str, shares: tuple[Share, ...], today: dt.date, *, as_json: bool) -> None:
    if as_json:
        show_json({"target": target, "shares": [_line_json(share) for share in shares]})
        return
    if not shares:
        show([Line(f"{clean(target)}: nothing is shared.")])
        return
    rows: list[list[str | Line]] = [
        [
            clean(share.whom, 40),
            share.role,
            clean(share.where, 60),
            day(share.since, today),
            day(share.until, today) if share.until else "",
            day(share.ended, today) if share.ended else "",
        ]
        for share in shares
    ]
    show([Table(("With", "Right", "Where", "Since", "Until", "Ended"), rows)])


def _line_json(share: Share) -> dict[str, Any]:
    return {
        "with": share.whom,
        "role": share.role,
        "where": share.where,
        "since": share.since.isoformat(),
        "until": share.until.isoformat() if share.until else None,
        "ended": share.ended.isoformat() if share.ended else None,
        "hide": list(share.hide),
        "show": list(share.show),
        "only_due": share.only_due,
        "whole": share.whole,
    }
