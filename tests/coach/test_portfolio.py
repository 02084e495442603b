"""`sheetsync portfolio` over real files: every shape of tracker, bad ones among them, and nothing written to any."""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cli.running import HEADERS, Cli, thread, write_workbook

from coach.layouts import AS_OF, LAYOUTS, client_paths, make_client
from sheetsync.coach.clients import Client
from sheetsync.coach.looking import Looked, look_at
from sheetsync.coach.portfolio import Portfolio, gather

ON = ("--as-of", AS_OF.isoformat())


@pytest.fixture(scope="module")
def sheetsync() -> Cli:
    return Cli()


@dataclass(frozen=True)
class Run:
    """One run over a client in each layout: what was printed and made, and how the files stood before and after."""

    paths: list[Path]
    found: Any
    before: dict[str, tuple[bytes, int]]
    after: dict[str, tuple[bytes, int]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, sheetsync: Cli) -> Run:
    folder, outputs = tmp_path_factory.mktemp("clients"), tmp_path_factory.mktemp("made")
    paths = []
    for number, path in client_paths(folder, len(LAYOUTS)):
        make_client(path, number, rows=12, layout=number)
        paths.append(path)
    before = states(folder)
    out, html = outputs / "p.xlsx", outputs / "p.html"
    found = sheetsync.json("portfolio", *paths, *ON, "--jobs", "2", "--out", out, "--html", html)
    assert found["made"] == [str(out), str(html)]
    return Run(paths, found, before, states(folder))


def states(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.iterdir())}


def looked(*clients: Client | Path) -> Portfolio:
    """The portfolio of some clients, worked out in this process."""
    wanted = [client if isinstance(client, Client) else Client("", str(client)) for client in clients]
    answers = [
        look_at(one.target, sheet=one.sheet, since=one.last_session, as_of=AS_OF, options={}, service_account=None)
        for one in wanted
    ]
    return gather(wanted, answers, today=AS_OF)


def test_totals_are_the_sum_of_single_runs(sheetsync: Cli, run: Run) -> None:
    alone = {str(path): sheetsync.json("due", path, *ON) for path in run.paths}
    for client in run.found["clients"]:
        single = alone[client["target"]]
        assert client["counts"] == single["counts"]
        assert [row for row in client["rows"] if row["follow_up"] in ("Overdue", "Due")] == single["rows"]
    totals = run.found["totals"]
    assert totals["counts"] == {word: sum(one["counts"][word] for one in alone.values()) for word in totals["counts"]}
    assert totals["counts"]["Overdue"] > 0
    for name in ("thank_yous_missed", "without_debrief", "decisions"):
        assert totals[name] == sum(len(client[name]) for client in run.found["clients"])
    assert totals["open"] == sum(len(client["rows"]) for client in run.found["clients"])


def test_no_client_is_written_to(run: Run) -> None:
    assert run.after == run.before


def test_who_has_the_most_overdue_comes_first(run: Run) -> None:
    clients = run.found["clients"]
    assert [client["rank"] for client in clients] == list(range(1, len(LAYOUTS) + 1))
    overdue = [client["counts"]["Overdue"] for client in clients]
    assert overdue == sorted(overdue, reverse=True)
    assert overdue[0] > overdue[-1]


def test_a_week_ago_is_worked_out_anew(sheetsync: Cli, tmp_path: Path) -> None:
    tracker = write_workbook(
        tmp_path / "ana.xlsx",
        [HEADERS, thread("Alder", "Applied", dt.date(2026, 10, 26)), thread("Birch", "Applied", dt.date(2026, 11, 13))],
    )
    ((_, ana),) = looked(tracker).read
    write_workbook(tmp_path / "then.xlsx", [HEADERS, thread("Alder", "Applied", dt.date(2026, 10, 26))])
    then = sheetsync.json("due", tmp_path / "then.xlsx", "--as-of", "2026-11-09")
    assert ana.before == then["counts"]
    assert ana.before != ana.counts


def broken(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 this is no zip")


def encrypted(path: Path) -> None:
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096))


def no_tracker(path: Path) -> None:
    write_workbook(path, [("Item", "Price"), ("Bread", 2), ("Milk", 1)])


def test_bad_ones_are_lines_that_say_what_to_do(sheetsync: Cli, run: Run, tmp_path: Path) -> None:
    bad = {"broken": broken, "encrypted": encrypted, "prices": no_tracker}
    for name, make in bad.items():
        make(tmp_path / f"{name}.xlsx")
    rows = [
        *((name, f"{name}.xlsx") for name in bad),
        ("gone", "gone.xlsx"),
        ("nobody", None),
        ("Ana", str(run.paths[0])),
    ]
    listed = write_workbook(tmp_path / "clients.xlsx", [("Name", "Tracker"), *rows], title="Clients")
    done = sheetsync("portfolio", "--clients", listed, *ON, "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    ana, *failed = found["clients"]
    assert (ana["name"], ana["rank"]) == ("Ana", 1)
    assert {one["name"]: one["exit_code"] for one in failed} == {
        "broken": 4, "encrypted": 4, "prices": 3, "gone": 4, "nobody": 4,
    }  # fmt: skip
    errors = {one["name"]: one["error"] for one in failed}
    assert (
        errors["nobody"] == "Clients row 6 of the list names no tracker: write the client's file or Google link there."
    )
    assert all(name in errors[name] for name in ("broken", "encrypted", "prices", "gone"))
    assert found["totals"]["counts"] == ana["counts"]
    assert (found["totals"]["clients"], found["totals"]["failed"]) == (1, 5)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="what hangs here is a pipe that nobody writes to")
def test_one_that_hangs_is_given_up(sheetsync: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "slow"
    folder.mkdir()
    tracker = write_workbook(folder / "ana.xlsx", [HEADERS, thread("Alder", "Applied", dt.date(2026, 10, 26))])
    os.mkfifo(folder / "sheetsync.toml")
    done = sheetsync("portfolio", tracker, *ON, "--limit", "3")
    assert done.exit_code == 1
    assert "1 client could not be read" in done.stdout
    assert (
        f"ana: {tracker}: it took longer than 3 seconds and was given up: give it more time with --limit SECONDS."
        in done.stdout
    )


# One workbook with a tab for each client


@pytest.fixture
def tabs(tmp_path: Path) -> Path:
    """Ana took a job; Ben applied at the same company, and goes on looking. A template tab has no threads."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    ana = [thread("Alder", "Accepted", dt.date(2026, 10, 5)), thread("Birch", "Applied", dt.date(2026, 10, 26))]
    ben = [thread("Alder", "Applied", dt.date(2026, 10, 26)), thread("Cedar", "Applied", dt.date(2026, 10, 20))]
    for name, rows in {"Ana": ana, "Ben": ben, "Template": [], "Old": ana}.items():
        sheet = book.create_sheet(name)
        for row in (HEADERS, *rows):
            sheet.append(list(row))
    book["Old"].sheet_state = "hidden"
    book.create_sheet("Prices").append(["Bread", 2])
    path = tmp_path / "clients.xlsx"
    book.save(path)
    return path


def test_each_tab_is_a_client(sheetsync: Cli, tabs: Path) -> None:
    found = looked(tabs).read
    assert {standing.name for standing, _ in found} == {"Ana", "Ben"}
    for standing, look in found:
        assert look.sheet == standing.name
        assert dict(look.counts) == sheetsync.json("due", tabs, "--sheet", look.sheet, *ON)["counts"]


def test_a_job_that_one_client_takes_ends_nothing_for_another(tabs: Path) -> None:
    found = {standing.name: look for standing, look in looked(tabs).read}
    assert any("withdraw" in (row.next_action or "").lower() for row in found["Ana"].rows)
    assert [row.action for row in found["Ben"].rows] == ["application.followup_1"] * 2


def test_the_list_may_name_a_tab(sheetsync: Cli, tabs: Path) -> None:
    listed = tabs.with_name("list.csv")
    listed.write_text("Client;File;Tab;Next session\nBenjamin;clients.xlsx;Ben;2026-11-20\n", "utf-8")
    done = sheetsync("portfolio", "--clients", listed, *ON)
    assert done.exit_code == 0
    lines = [line.split() for line in done.stdout.splitlines() if "Benjamin" in line]
    assert [line[:3] + line[-3:] for line in lines] == [["1", "Benjamin", "2", "Fri", "20", "Nov"]]


def test_a_copy_that_a_client_shared_counts_as_the_client_s_own_sync_does(sheetsync: Cli, tmp_path: Path) -> None:
    tracker, copy = tmp_path / "ana.xlsx", tmp_path / "copy.xlsx"
    assert sheetsync("init", tracker, "--sample", *ON).exit_code == 0
    assert sheetsync("sync", tracker, *ON).exit_code == 0
    assert sheetsync("share", tracker, "--out", copy, "--yes", *ON).exit_code == 0
    found = {standing.name: look for standing, look in looked(tracker, copy).read}
    assert found["copy"].shared_on == AS_OF
    assert dict(found["copy"].counts) == dict(found["ana"].counts)
    assert {row.next_action for row in found["copy"].rows} == {row.next_action for row in found["ana"].rows}
    later = look_at(
        str(copy), sheet="", since=None, as_of=AS_OF + dt.timedelta(days=5), options={}, service_account=None
    )
    assert isinstance(later, Looked)
    overdue = {
        row.company for row in found["copy"].rows if row.contact_by and row.contact_by < AS_OF + dt.timedelta(days=5)
    }
    assert {row.company for row in later.looks[0].rows if row.follow_up in ("Overdue", "Cold")} >= overdue


# Names, folders, and what is asked for


def test_clients_of_one_name_are_told_apart(tmp_path: Path) -> None:
    paths = []
    for name in ("ana", "ben"):
        (tmp_path / name).mkdir()
        rows = [HEADERS, thread("Alder", "Applied", dt.date(2026, 10, 26))]
        paths.append(write_workbook(tmp_path / name / "jobs.xlsx", rows))
    assert {standing.name for standing, _ in looked(*paths).read} == {"ana/jobs", "ben/jobs"}
    same = [Client("Ana", str(path)) for path in paths]
    assert {standing.name for standing, _ in looked(*same).read} == {"Ana", "Ana (2)"}


def test_a_client_of_no_name_goes_by_the_tab(tabs: Path) -> None:
    both = [Client("", str(tabs), sheet) for sheet in ("Ben", "Ana")]
    assert {standing.name for standing, _ in looked(*both).read} == {"Ana", "Ben"}
    assert {standing.name for standing, _ in looked(Client("Team", str(tabs))).read} == {"Team: Ana", "Team: Ben"}


def test_a_folder_stands_for_the_trackers_in_it(sheetsync: Cli, tmp_path: Path) -> None:
    no_tracker(tmp_path / "prices.xlsx")
    write_workbook(tmp_path / "ana.xlsx", [HEADERS, thread("Alder", "Applied", dt.date(2026, 10, 26))])
    write_workbook(tmp_path / "clients.xlsx", [("Name", "Tracker"), ("Ana Bell", "ana.xlsx")])
    write_workbook(tmp_path / "gina-copy.xlsx", [HEADERS, thread("Alder", "Applied", dt.date(2026, 10, 26))])
    (tmp_path / "hal").mkdir()
    write_workbook(tmp_path / "hal" / "jobs.xlsx", [HEADERS, thread("Alder", "Applied", dt.date(2026, 10, 26))])
    done = sheetsync("portfolio", tmp_path, *ON, "--out", tmp_path / "portfolio.xlsx")
    assert done.exit_code == 0
    assert f"  {tmp_path / 'gina-copy.xlsx'}: it calls itself a backup or a copy" in done.stdout
    again = sheetsync.json("portfolio", tmp_path, "--clients", tmp_path / "clients.xlsx", *ON)
    assert [client["name"] for client in again["clients"]] == ["Ana Bell"]
    assert {Path(one["target"]).name: one["reason"] for one in again["passed_over"]} == {
        "gina-copy.xlsx": "it calls itself a backup or a copy",
        "hal": "it is a folder in the folder: name it, too, to have its trackers in",
        "portfolio.xlsx": "it is an earlier portfolio, and no client's tracker",
        "prices.xlsx": "no tracker was recognised in it",
    }
    both = sheetsync.json("portfolio", tmp_path, tmp_path / "gina-copy.xlsx", tmp_path / "hal", *ON)
    assert {client["name"] for client in both["clients"]} == {"ana", "gina-copy", "jobs"}
    assert {Path(one["target"]).name for one in both["passed_over"]} == {
        "clients.xlsx",
        "portfolio.xlsx",
        "prices.xlsx",
    }


def test_a_folder_without_a_tracker_says_where_they_are(sheetsync: Cli, tmp_path: Path) -> None:
    rows = [HEADERS, thread("Alder", "Applied", dt.date(2026, 10, 26))]
    (tmp_path / "ana").mkdir()
    write_workbook(tmp_path / "ana" / "jobs.xlsx", rows)
    done = sheetsync("portfolio", tmp_path, *ON)
    assert done.exit_code == 2
    assert f"folders in it are not looked at: name them, such as {tmp_path / 'ana'}." in done.stderr
    write_workbook(tmp_path / "ana - Kopie.xlsx", rows)
    done = sheetsync("portfolio", tmp_path, *ON)
    assert (
        "ana - Kopie.xlsx was passed over, since it calls itself a backup or a copy: name the file itself"
        in done.stderr
    )


def test_a_list_that_is_given_as_a_client_is_told(sheetsync: Cli, tmp_path: Path) -> None:
    listed = write_workbook(tmp_path / "clients.xlsx", [("Name", "Tracker"), ("Ana Bell", "ana.xlsx")])
    done = sheetsync("portfolio", listed, *ON)
    assert done.exit_code == 1
    assert f"{listed} is a list of clients, and no tracker: give it as --clients {listed}." in done.stdout


# Copies that clients shared


def test_what_a_copy_does_not_tell_is_not_known(sheetsync: Cli, tmp_path: Path) -> None:
    tracker, copy = tmp_path / "ana.xlsx", tmp_path / "shared.xlsx"
    late = [thread("Alder", "Applied", dt.date(2026, 10, 26)), thread("Birch", "Interview", dt.date(2026, 10, 20))]
    write_workbook(tracker, [HEADERS, *late])
    assert sheetsync("sync", tracker, *ON).exit_code == 0
    assert sheetsync("share", tracker, "--out", copy, "--yes", *ON).exit_code == 0
    unknown = ("counts_a_week_ago", "thank_yous_missed", "without_debrief")
    alone = sheetsync.json("portfolio", copy, *ON)
    ((shared,), totals) = (alone["clients"], alone["totals"])
    assert shared["shared_on"] == AS_OF.isoformat()
    assert shared["counts"]["Overdue"] > 0
    assert [shared[name] for name in unknown] == [totals[name] for name in unknown] == [None] * 3
    told = sheetsync("portfolio", copy, *ON).stdout
    assert "a week ago)" not in told
    assert "without a debrief" not in told
    own = sheetsync.json("portfolio", tracker, *ON)
    both = sheetsync.json("portfolio", tracker, copy, *ON)
    assert [both["totals"][name] for name in unknown] == [own["totals"][name] for name in unknown]
    assert both["totals"]["copies"] == 1
    assert "without 1 copy)" in sheetsync("portfolio", tracker, copy, *ON).stdout


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "Name the clients' trackers, a folder of them, or --clients LIST."),
        (("--out", "portfolio.ods"), "A portfolio is made as an .xlsx workbook: name it portfolio.xlsx."),
        (("--html", "portfolio.pdf"), "A page is made as .html: name it portfolio.html."),
        (("--google", " "), "Give the new spreadsheet a title"),
    ],
)
def test_what_cannot_be_meant_is_said_first(sheetsync: Cli, options: tuple[str, ...], sentence: str) -> None:
    done = sheetsync("portfolio", *options)
    assert done.exit_code == 2
    assert sentence in done.stderr
