"""Rows found again after they were sorted, inserted or deleted: by who they are about, else by what they hold. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sheetsync.model import Grid, Value
from sheetsync.nightly.journal import Who
from sheetsync.sheets.edits import is_same


def find_rows(
    who: Mapping[int, Who],
    wrote: Mapping[int, Mapping[str, Value]],
    now: Mapping[int, Who],
    grid: Grid,
    standing: Mapping[str, int | None],
) -> dict[int, int]:
    """Row then -> row now, of the rows written to.

    A row is known by its id, else by company, role and contact together. Of several alike the ones that still hold what
    was written go first, in their order. A row whose names were changed is the one in the same place if that is still
    the same company, or the same role and contact. A row that was empty has nothing but its place.
    """
    found: dict[int, int] = {}
    ids = {names[0]: row for row, names in now.items() if names[0]}
    alike: dict[tuple[str, ...], list[int]] = {}
    for row, names in now.items():
        alike.setdefault(_folded(names), []).append(row)
    waiting: dict[tuple[str, ...], list[int]] = {}
    for row in wrote:
        if row not in who:
            if row not in now:
                found[row] = row
            continue
        names = who[row]
        if names[0] and names[0] in ids:
            found[row] = ids[names[0]]
        else:
            waiting.setdefault(_folded(names), []).append(row)
    taken = set(found.values())
    for key, rows in waiting.items():
        free = [row for row in alike.get(key, ()) if row not in taken]
        pairs = _paired(rows, free, wrote, grid, standing)
        found |= pairs
        taken.update(pairs.values())
    for rows in waiting.values():
        for row in rows:
            if row not in found and row not in taken and row in now and _is_kin(who[row], now[row]):
                found[row] = row
                taken.add(row)
    return found


def find_lines(grid: Grid, cells: Mapping[int, Value], *, at: int, only_there: bool = False) -> Iterator[int]:
    """The rows that hold exactly these cells: the one at `at` first, then from the bottom up."""
    if holds(grid, at, cells, alone=True):
        yield at
    if not only_there:
        yield from (row for row in range(grid.n_rows, 0, -1) if row != at and holds(grid, row, cells, alone=True))


def holds(grid: Grid, row: int, cells: Mapping[int, Value], *, alone: bool = False) -> bool:
    """Whether a row holds these cells; `alone`: and nothing besides but formulas."""
    if any(not is_same(grid.cell(row, column), value) for column, value in cells.items()):
        return False
    return not alone or all(
        grid.cell(row, column) in (None, "") or row in grid.formulas.get(column, ())
        for column in range(1, grid.n_columns + 1)
        if column not in cells
    )


def _paired(
    rows: Collection[int],
    free: list[int],
    wrote: Mapping[int, Mapping[str, Value]],
    grid: Grid,
    standing: Mapping[str, int | None],
) -> dict[int, int]:
    """Rows then and now that go by the same names, each once."""
    free = list(free)
    if len(free) == 1 == len(rows):
        return dict(zip(rows, free, strict=True))
    pairs: dict[int, int] = {}

    def still(row: int, place: int) -> bool:
        return all(
            is_same(grid.cell(place, column), value)
            for key, value in wrote[row].items()
            if (column := standing.get(key))
        )

    for wanted in (lambda row: [row], lambda _row: free):
        for row in rows:
            place = next((one for one in wanted(row) if row not in pairs and one in free and still(row, one)), None)
            if place is not None:
                pairs[row] = place
                free.remove(place)
    for row in rows:
        if row not in pairs and free:
            place = row if row in free else free[0]
            pairs[row] = place
            free.remove(place)
    return pairs


def _folded(names: Who) -> tuple[str, ...]:
    return tuple(name.strip().casefold() for name in names[1:])


def _is_kin(old: Who, new: Who) -> bool:
    (_, company, role, contact), (_, *now) = old, new
    return bool(company and company == now[0]) or bool(role and contact and [role, contact] == now[1:])
