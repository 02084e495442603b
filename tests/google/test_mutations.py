"""The emulator is broken on purpose: recordings, foreign clients or the product's promises must notice."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import foreign_frames
import foreign_gspread
import pytest
from emulator import calculation, discovery, faults, protection, remap, service, sheets_methods, updates, values
from emulator.server import Emulator
from emulator.state import Json, Spreadsheet
from foreign import Check, desk
from person import PersonAtGoogle
from promises import PROMISES
from replay import REASONS, Replay

from sheetsync.sheets import open_source

RECORDED = Path(os.environ.get("SHEETSYNC_SHARED", Path(__file__).parents[3] / "shared")) / "google" / "recorded"
SMALL = 20_000
"""Bytes a recording may have to be in the selection, so that a dozen rounds stay quick."""
ROBOT = "robot@project.iam.gserviceaccount.com"
WRONG = (Exception, pytest.fail.Exception)
"""Whatever goes wrong in a check: it was noticed."""
Mutation = Callable[[pytest.MonkeyPatch], None]


def drops_atomicity(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Spreadsheet, "copy", lambda self: self)


def forgets_metadata_on_a_move(patch: pytest.MonkeyPatch) -> None:
    whole = remap._remap_book  # noqa: SLF001 - broken on purpose, as everything below

    def forgetful(book: Spreadsheet, *rest: Any) -> None:
        kept = book.metadata
        whole(book, *rest)
        book.metadata = kept

    patch.setattr(remap, "_remap_book", forgetful)


def counts_nulls_as_updated(patch: pytest.MonkeyPatch) -> None:
    whole = values.write

    def generous(book: Any, caller: Any, area: Any, rows: list[list[Any]], options: Json) -> Json:
        return {**whole(book, caller, area, rows, options), "updatedCells": sum(map(len, rows))}

    patch.setattr(values, "write", generous)


def forgets_to_move_rules(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(remap, "_rule", lambda rule, _shift: rule)


def forgets_to_move_formulas(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(remap, "_remap_formulas", lambda *_: None)


def ignores_field_masks(patch: pytest.MonkeyPatch) -> None:
    for name in vars(updates):
        module = getattr(updates, name)
        if hasattr(module, "merged"):
            patch.setattr(module, "merged", lambda _mask, old, new: {**old, **new})


def lets_a_reader_write(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sheets_methods, "WRITERS", service.READERS)


def accepts_unknown_fields(patch: pytest.MonkeyPatch) -> None:
    request = discovery._Request  # noqa: SLF001
    whole = request.__init__

    def lenient(self: Any, name: str) -> None:
        whole(self, name)
        self.lenient = True

    patch.setattr(request, "__init__", lenient)


def ignores_protection(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(protection, "may_edit", lambda *_: True)


def commits_nothing_before_a_late_503(patch: pytest.MonkeyPatch) -> None:
    whole = faults.Faults.take

    def early(self: faults.Faults, method: str, path: str) -> faults.Fault | None:
        fault = whole(self, method, path)
        return replace(fault, after_commit=False) if fault else None

    patch.setattr(faults.Faults, "take", early)


def rounds_serials(patch: pytest.MonkeyPatch) -> None:
    whole = calculation.Calculator.effective

    def rounded(self: calculation.Calculator, *place: Any) -> Json:
        value = whole(self, *place)
        return {"numberValue": round(value["numberValue"])} if "numberValue" in value else value

    patch.setattr(calculation.Calculator, "effective", rounded)


def says_hidden_false(patch: pytest.MonkeyPatch) -> None:
    whole = discovery._zero_shown  # noqa: SLF001
    patch.setattr(discovery, "_zero_shown", lambda schema, name: name == "hidden" or whole(schema, name))


def knows_a_colour_by_one_name_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(discovery, "_mirror", lambda *_: None)


def appends_over_the_last_row(patch: pytest.MonkeyPatch) -> None:
    whole = values.landing

    def over(area: Any) -> Any:
        table, row, column = whole(area)
        return table, row - bool(table), column

    patch.setattr(values, "landing", over)


MUTATIONS: tuple[Mutation, ...] = (
    drops_atomicity,
    forgets_metadata_on_a_move,
    counts_nulls_as_updated,
    forgets_to_move_rules,
    forgets_to_move_formulas,
    ignores_field_masks,
    lets_a_reader_write,
    accepts_unknown_fields,
    ignores_protection,
    commits_nothing_before_a_late_503,
    rounds_serials,
    says_hidden_false,
    knows_a_colour_by_one_name_only,
    appends_over_the_last_row,
)


def recorded() -> Iterator[str]:
    """What recorded answers differ, in the smaller recordings; nothing where the recordings are absent."""
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8"))["difference"]
    for path in sorted(RECORDED.glob("*.jsonl")):
        if path.stat().st_size <= SMALL:
            lines = path.read_text(encoding="utf-8").splitlines()
            for outcome in Replay(path.stem, [json.loads(line) for line in lines], reasons).run():
                if outcome.differences and not outcome.reason:
                    yield f"{outcome.file}:{outcome.line}"


def foreign(checks: tuple[Check, ...]) -> Iterator[str]:
    """Which checks of foreign clients fail."""
    for check in checks:
        try:
            with desk() as ready:
                check(ready)
        except WRONG:
            yield check.__name__


def promised() -> Iterator[str]:
    """Which of the product's promises break."""
    for promise in PROMISES:
        try:
            with Emulator() as google, tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
                patch.setenv("SHEETSYNC_GOOGLE_ENDPOINT", google.url)
                promise(person_at(google, Path(folder)))
        except WRONG:
            yield promise.__name__


def person_at(google: Emulator, folder: Path) -> PersonAtGoogle:
    key = google.key_file(folder, ROBOT)

    def open_shared(book_id: str) -> Any:
        google.share(book_id, ROBOT, "writer")
        return open_source(book_id, service_account=str(key))

    return PersonAtGoogle(google, open_shared)


JUDGES: Mapping[str, Callable[[], Iterator[str]]] = {
    "recordings": recorded,
    "gspread": lambda: foreign(foreign_gspread.CHECKS),
    "dataframe and formatting": lambda: foreign(foreign_frames.CHECKS),
    "the product": promised,
}


@pytest.mark.parametrize("judge", JUDGES)
def test_the_emulator_as_it_is_passes(judge: str) -> None:
    if judge == "recordings" and not RECORDED.is_dir():
        pytest.skip("the recordings are not here (set SHEETSYNC_SHARED)")
    assert list(JUDGES[judge]()) == []


@pytest.mark.slow
def test_at_least_nine_of_ten_mutations_are_noticed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is shown with the first judge that notices it, and by what; the judges after that one are not asked."""
    table: dict[str, str] = {}
    for mutation in MUTATIONS:
        with monkeypatch.context() as patch:
            mutation(patch)
            found = ((name, next(judge(), "")) for name, judge in JUDGES.items())
            table[mutation.__name__] = next((f"{name} ({what})" for name, what in found if what), "")
    lines = [f"{name:34} {by or 'NOT NOTICED'}" for name, by in table.items()]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    noticed = sum(bool(by) for by in table.values())
    assert len(table) >= 10
    assert noticed >= 0.9 * len(table), "\n".join(lines)
