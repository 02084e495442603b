"""What a person says about their tracker is believed, and what cannot be meant is refused in one sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pytest

from sheetsync.errors import NoTrackerError, UsageError
from sheetsync.model import FIELDS, Grid, Ownership, Snapshot, TableArea, Value
from sheetsync.model import Area as Rectangle
from sheetsync.settings import Settings
from sheetsync.tracker.recognise import recognise

DAY = dt.date(2026, 3, 2)


def grid(name: str, *rows: Sequence[Value], hidden: bool = False) -> Grid:
    width = max(map(len, rows), default=0)
    return Grid(name, tuple([row[at] if at < len(row) else None for row in rows] for at in range(width)), hidden=hidden)


def snapshot(*grids: Grid, owned: Ownership | None = None) -> Snapshot:
    return Snapshot("jobs.xlsx", "1", grids, owned=owned)


JOBS = grid(
    "Jobs",
    ["Company", "Role", "Date applied", "Status", "Chat", "Company"],
    ["Ash", "Vet", DAY, "Applied", "ann", "Ash Group"],
    ["Bay", "Vet", DAY, "Rejected", "bob", "Bay Group"],
)
PRICES = grid("Prices", ["Product", "Price"], ["Bolt", 1], ["Nut", 2])


def columns(*grids: Grid, **settings: object) -> Mapping[str, int]:
    return recognise(snapshot(*grids), Settings(**settings)).columns  # type: ignore[arg-type]  # any setting by name


# -- overriding


def test_a_column_is_mapped_by_its_letter() -> None:
    assert columns(JOBS, fields={"contact": "E"})["contact"] == 5


def test_a_column_is_mapped_by_its_header_in_any_case() -> None:
    assert columns(JOBS, fields={"contact": " chat "})["contact"] == 5


def test_of_two_columns_of_one_header_the_first_is_taken() -> None:
    assert columns(JOBS, fields={"company": "Company"})["company"] == 1


def test_a_persons_map_moves_a_field_to_another_column() -> None:
    layout = recognise(snapshot(JOBS), Settings(fields={"company": "F"}))

    assert layout.columns["company"] == 6
    assert layout.unmapped[1] == "Company"


def test_a_dash_leaves_a_field_unmapped() -> None:
    layout = recognise(snapshot(JOBS), Settings(fields={"stage": "-"}))

    assert "stage" not in layout.columns
    assert layout.unmapped[4] == "Status"


def test_what_the_person_said_is_certain() -> None:
    layout = recognise(snapshot(JOBS), Settings(fields={"contact": "E"}))

    assert layout.confidence["contact"] == 1.0
    assert all(0 < layout.confidence[name] < 1 for name in layout.columns if name != "contact")


def test_the_sheet_that_was_named_is_taken() -> None:
    other = grid("Second", ["Firm", "Post", "Sent on", "Outcome"], ["Elm", "Cook", DAY, "Applied"])

    assert recognise(snapshot(JOBS, other), Settings(sheet="second")).sheet == "Second"


def test_with_sheet_and_header_row_the_person_is_believed() -> None:
    layout = recognise(snapshot(PRICES), Settings(sheet="Prices", header_row=1, fields={"notes": "A"}))

    assert (layout.sheet, layout.header_row, layout.columns["notes"]) == ("Prices", 1, 1)


def test_with_a_sheet_alone_it_must_still_be_a_tracker() -> None:
    with pytest.raises(NoTrackerError):
        recognise(snapshot(JOBS, PRICES), Settings(sheet="Prices"))


def test_a_date_column_that_the_person_mapped_needs_no_dates() -> None:
    assert columns(JOBS, fields={"contact_on": "E"})["contact_on"] == 5


# -- refusing


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(sheet="Jbos"), "'Jobs', 'Prices'"),
        (Settings(sheet="Jobs", header_row=99), "3 rows"),
        (Settings(header_row=99), "99"),
        (Settings(header_row=0), "0"),
        (Settings(fields={"firm": "A"}), ", ".join(FIELDS)),
        (Settings(fields={"contact": "ZZ"}), "E 'Chat'"),
        (Settings(fields={"contact": "Recruiter"}), "E 'Chat'"),
        (Settings(fields={"contact": "E", "notes": "Chat"}), "contact and notes"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_what_there_is_is_named(settings: Settings, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        recognise(snapshot(JOBS, PRICES), settings)

    assert said in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_map_that_fits_no_sheet_is_refused_not_ignored() -> None:
    with pytest.raises(UsageError):
        recognise(snapshot(PRICES), Settings(fields={"company": "Firm"}))


def test_our_own_column_cannot_be_mapped() -> None:
    owned = Ownership("Jobs", 1, {"next_contact": 5})

    with pytest.raises(UsageError, match="own"):
        recognise(snapshot(JOBS, owned=owned), Settings(fields={"contact": "E"}))


def test_the_reason_names_the_sheet_that_came_closest_and_what_it_lacks() -> None:
    contacts = grid("Contacts", ["Name", "Company", "Email"], ["Ann", "Ash", "ann@ash.example"])

    with pytest.raises(NoTrackerError) as refused:
        recognise(snapshot(PRICES, contacts), Settings())

    assert "'Contacts'" in refused.value.reason
    assert "status" in refused.value.reason


# -- ours and theirs


def test_our_columns_are_neither_mapped_nor_part_of_the_table() -> None:
    sheet = grid(
        "Jobs",
        [
            "Company",
            "Role",
            "Date applied",
            "Status",
            "Next contact",
            "Contact by",
            "Next action",
            "Follow-up",
            "Days overdue",
            "Why",
        ],
        ["Ash", "Vet", DAY, "Applied", DAY, DAY, "Write", "Due", 3, "a week after you applied"],
    )
    keys = ("next_contact", "contact_by", "next_action", "follow_up", "days_overdue", "why")
    layout = recognise(
        snapshot(sheet, owned=Ownership("Jobs", 1, {key: 5 + at for at, key in enumerate(keys)})), Settings()
    )

    assert layout.right == 4
    assert set(layout.columns) == {"company", "role", "applied_on", "stage"}
    assert not layout.unmapped


def test_a_persons_own_next_contact_stays_theirs_beside_ours() -> None:
    sheet = grid(
        "Jobs",
        ["Company", "Date applied", "Next contact", "Next contact (sheetsync)"],
        ["Ash", DAY, DAY, DAY],
    )
    layout = recognise(snapshot(sheet), Settings())

    assert layout.columns["contact_on"] == 3
    assert 4 not in {*layout.columns.values(), *layout.unmapped}


def test_the_sheets_we_make_are_no_trackers() -> None:
    history = grid(
        "History",
        ["Date", "Company", "Contact", "Direction", "Channel", "Step", "Note"],
        [DAY, "Ash", "Ann", "out", "email", "", ""],
    )
    debrief = grid(
        "Debrief",
        ["Date", "Company", "Role", "People", "Decision date", "Next steps", "Questions asked", "Impressions"],
        [DAY, "Ash"],
    )

    assert recognise(snapshot(history, debrief, JOBS), Settings()).sheet == "Jobs"
    assert recognise(snapshot(history, debrief, JOBS), Settings()).other_trackers == ()


def test_other_sheets_that_look_like_trackers_are_named() -> None:
    other = grid("Old jobs", ["Firm", "Position", "Date sent", "Outcome"], ["Elm", "Cook", DAY, "Rejected"])

    assert recognise(snapshot(JOBS, other, PRICES), Settings()).other_trackers == ("Old jobs",)


def test_a_hidden_sheet_is_taken_only_if_no_other_is_a_tracker() -> None:
    hidden = grid("Hidden", *zip(*JOBS.columns, strict=True), hidden=True)

    assert recognise(snapshot(hidden, PRICES), Settings()).sheet == "Hidden"
    assert recognise(snapshot(hidden, JOBS), Settings()).sheet == "Jobs"


# -- where the table is


def test_an_empty_template_ends_at_its_header_row() -> None:
    layout = recognise(snapshot(grid("Jobs", ["Company", "Role", "Date applied", "Status"])), Settings())

    assert (layout.header_row, layout.first_row, layout.last_row) == (1, 2, 1)


def test_a_table_names_itself_and_its_columns_end_it() -> None:
    cells = grid(
        "Jobs",
        ["Company", "Date applied", "Status", "Scratch"],
        ["Ash", DAY, "Applied", "x"],
        ["Bay", DAY, "Applied", "y"],
    )
    table = Grid(cells.name, cells.columns, tables=(TableArea("Threads", Rectangle(1, 1, 3, 3)),))
    layout = recognise(snapshot(table), Settings())

    assert (layout.table, layout.right) == ("Threads", 3)
    assert 4 not in layout.headers


def test_a_dropdown_of_status_words_makes_an_empty_column_the_status() -> None:
    cells = grid("Leads", ["Client", "Email", "Outcome", "Status"])
    offered = Grid(
        cells.name, cells.columns, dropdowns={3: ("Contacted", "Quoted", "Won", "Lost"), 4: ("Open", "Shut")}
    )

    assert recognise(snapshot(offered), Settings()).columns["stage"] == 3


def test_the_same_snapshot_gives_the_same_layout() -> None:
    assert recognise(snapshot(JOBS), Settings()) == recognise(snapshot(JOBS), Settings())
