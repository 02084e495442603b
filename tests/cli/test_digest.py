"""`sheetsync digest`: what it tells, in every format, of one tracker and of several; and the notification."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import html.parser
import json
import os
import stat
import sys
from pathlib import Path

import pytest

from cli.running import AS_OF, HEADERS, Cli, installed, thread, write_workbook
from sheetsync.nightly.notify import command
from sheetsync.sheets.contents import sample_date
from sheetsync.start import start

HOSTILE = "Ash & <script>alert(1)</script> [x](http://evil.example) *`_# \x1b[31m\u202eRed"


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.xlsx"
    start(path, sample_on=sample_date())
    return path


def rows(told: list[dict[str, object]]) -> list[object]:
    return [item["row"] for item in told]


def test_the_sections_are_those_of_due_and_the_plan(sheetsync: Cli, sample: Path) -> None:
    day = sample_date().isoformat()
    told = sheetsync.json("digest", sample, "--as-of", day)
    due = sheetsync.json("due", sample, "--as-of", day)
    now = [(row["row"], row["follow_up"]) for row in due["rows"]]
    assert rows(told["overdue"]) == [row for row, word in now if word == "Overdue"]
    assert rows(told["due"]) == [row for row, word in now if word == "Due"]
    plan = {row["row"]: row for row in sheetsync.json("sync", sample, "--dry-run", "--as-of", day)["rows"]}
    last = (sample_date() + dt.timedelta(days=7)).isoformat()
    assert all(plan[item["row"]]["next_contact"] <= last for item in told["soon"])
    waiting = {row for row, thread in plan.items() if thread["follow_up"] == "Waiting"}
    assert waiting < set(rows(told["waiting"]))
    assert all(item["decision_by"] >= day for item in told["waiting"] if item["row"] not in waiting)
    assert not set(rows(told["waiting"])) & set(rows(told["soon"]))
    assert told["trackers"][0]["counts"]["Overdue"] == len(told["overdue"])
    assert told["in_short"] == f"{len(told['overdue'])} overdue, {len(told['due'])} due today"


def test_what_is_new_is_what_the_tracker_dates_yesterday_or_today(sheetsync: Cli, sample: Path) -> None:
    told = sheetsync.json("digest", sample, "--as-of", sample_date().isoformat())["news"]
    yesterday = sample_date() - dt.timedelta(days=1)
    assert {one["on"] for one in told} == {sample_date().isoformat(), yesterday.isoformat()}
    said = {(one["who"], one["what"]) for one in told}
    assert ("Larkspur Libraries", "You contacted Maren Holt (Email)") in said
    assert ("Larkspur Libraries", "You had an interview") in said
    assert ("Juniper Health", "Dr Amit Bhatt got in touch (Email)") in said
    assert ("Larkspur Libraries", "Due from today") in said


def test_a_window_that_closed_yesterday_is_news(sheetsync: Cli, tracker: Path) -> None:
    told = sheetsync.json("digest", tracker, "--as-of", "2026-11-17")
    assert ("Alder Ltd", "Overdue: yesterday was the last day") in {(one["who"], one["what"]) for one in told["news"]}


def test_numbers_are_compared_with_the_last_night(sheetsync: Cli, tracker: Path) -> None:
    assert sheetsync.json("digest", tracker, "--as-of", AS_OF)["trackers"][0]["before"] is None
    sheetsync("sync", "--night", tracker, "--as-of", AS_OF)
    assert sheetsync.json("digest", tracker, "--as-of", AS_OF)["trackers"][0]["before"] is None
    told = sheetsync.json("digest", tracker, "--as-of", "2026-11-17")["trackers"][0]
    assert told["before"]["day"] == AS_OF
    assert told["before"]["counts"]["Due"] == 2
    assert "2 overdue (it was 0), 0 due (it was 2)." in sheetsync("digest", tracker, "--as-of", "2026-11-17").stdout


@pytest.mark.parametrize("form", ["text", "markdown", "html", "eml"])
def test_nothing_is_written_to_the_tracker(sheetsync: Cli, sample: Path, tmp_path: Path, form: str) -> None:
    before = sample.read_bytes(), sample.stat().st_mtime_ns
    out = tmp_path / "out"
    out.mkdir()
    assert sheetsync("digest", sample, "--format", form, "-o", out / "digest").exit_code == 0
    assert (sample.read_bytes(), sample.stat().st_mtime_ns) == before
    assert [path.name for path in out.iterdir()] == ["digest"]
    if os.name == "posix":
        assert stat.S_IMODE((out / "digest").stat().st_mode) == 0o600


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    name = HOSTILE.replace("\x1b", "")  # no workbook holds that one
    return write_workbook(tmp_path / "hostile.xlsx", [HEADERS, thread(name, "Applied", dt.date(2026, 11, 8))])


class _Page(html.parser.HTMLParser):
    """The tags and attributes of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_one_file_without_scripts_and_shows_what_cells_say_as_text(sheetsync: Cli, hostile: Path) -> None:
    page = _Page()
    told = sheetsync("digest", hostile, "--as-of", AS_OF, "--format", "html").stdout
    page.feed(told)
    assert told.startswith("<!DOCTYPE html>")
    assert not {"script", "link", "img", "iframe", "a"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in {"src", "href"}]
    assert "Ash & <script>alert(1)</script> [x](http://evil.example)" in page.text
    assert "\u202e" not in told


def test_markdown_shows_what_cells_say_as_text(sheetsync: Cli, hostile: Path) -> None:
    told = sheetsync("digest", hostile, "--as-of", AS_OF, "--format", "markdown").stdout
    assert r"Ash \& \<script\>alert(1)\</script\> \[x\](http://evil.example) \*\`\_\# \[31mRed" in told


def test_the_message_is_a_draft_to_nobody_with_text_and_page(sheetsync: Cli, sample: Path, tmp_path: Path) -> None:
    place = tmp_path / "morning.eml"
    day = sample_date().isoformat()
    sheetsync("digest", sample, "--as-of", day, "-o", place)
    message = email.message_from_bytes(place.read_bytes(), policy=email.policy.default)
    assert message["X-Unsent"] == "1"
    assert message["To"] is message["From"] is None
    assert message["Subject"] == "Follow-ups, Wed 18 Nov 2026: 2 overdue, 10 due today"
    parts = {part.get_content_type(): part.get_content() for part in message.iter_parts()}
    assert "Harrow & Finch Energy, Priya Raman" in parts["text/plain"]
    assert "Harrow &amp; Finch Energy" in parts["text/html"]
    first = place.read_bytes()
    sheetsync("digest", sample, "--as-of", day, "-o", place)
    assert place.read_bytes() == first


def test_several_trackers_are_one_digest_in_one_order(sheetsync: Cli, tracker: Path) -> None:
    folder = tracker.parent
    write_workbook(folder / "other.xlsx", [HEADERS, thread("Yew", "Applied", dt.date(2026, 11, 4))])
    write_workbook(folder / "prices.xlsx", [("Item", "Price"), ("Bread", 2)])
    told = sheetsync.json("digest", folder, "--as-of", AS_OF)
    assert [Path(one["target"]).name for one in told["trackers"]] == ["other.xlsx", "tracker.xlsx"]
    # a thank-you goes before applications, and of these the newest window first
    assert [item["company"] for item in told["due"]] == ["Birch Co", "Yew", "Alder Ltd"]
    assert "Tracker " in sheetsync("digest", folder, "--as-of", AS_OF).stdout


def test_one_that_cannot_be_read_is_told_among_the_others(sheetsync: Cli, tracker: Path) -> None:
    broken = tracker.with_name("broken.xlsx")
    broken.write_bytes(b"no workbook")
    result = sheetsync("digest", tracker, broken, "--as-of", AS_OF, "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert [one["exit_code"] for one in told["failed"]] == [4]
    assert told["due"]
    assert "broken.xlsx cannot be read" in sheetsync("digest", tracker, broken, "--format", "markdown").stdout
    assert installed("digest", broken).returncode == 4


def test_a_digest_never_goes_over_a_spreadsheet(tracker: Path) -> None:
    before = tracker.read_bytes()
    for name in ("tracker.xlsx", "new.xlsx", "list.csv"):
        done = installed("digest", tracker, "-o", tracker.with_name(name))
        assert done.returncode == 2
        assert "would overwrite a spreadsheet" in done.stderr
    assert tracker.read_bytes() == before


def test_a_morning_with_nothing_to_do_says_so(sheetsync: Cli, tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "calm.xlsx", [HEADERS, thread("Ash", "Rejected", dt.date(2026, 3, 2))])
    for form in ("text", "markdown", "html"):
        assert "obody to contact today" in sheetsync("digest", path, "--as-of", AS_OF, "--format", form).stdout
    assert "nobody to contact today" in sheetsync("digest", path, "--as-of", AS_OF).stdout


# The notification


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_a_notification_is_never_program_text(platform: str) -> None:
    text = "2 overdue'; touch /tmp/x #\"$(id)`id`"
    found = command("sheetsync", text, platform=platform, which=lambda name: f"/bin/{name}")
    assert found is not None
    assert [part for part in found.arguments if text in part] == ([text] if platform != "win32" else [])
    assert (text in found.environment.values()) == (platform == "win32")
    assert command("sheetsync", text, platform=platform, which=lambda _name: None) is None


def test_the_notification_has_numbers_and_nothing_else(tracker: Path, tmp_path: Path) -> None:
    if sys.platform in {"win32", "darwin"}:
        pytest.skip("stands in for notify-send, which other systems have")
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "notify-send"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/shown\n')
    program.chmod(0o755)
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    done = installed("digest", tracker, "--as-of", AS_OF, "--notify", environment=environment)
    assert done.returncode == 0, done.stderr
    shown = (tmp_path / "shown").read_text().splitlines()
    assert shown == ["--app-name=sheetsync", "--", "sheetsync", "2 due today"]


def test_without_a_command_for_it_the_digest_is_told_all_the_same(tracker: Path, tmp_path: Path) -> None:
    environment = os.environ | {"PATH": str(tmp_path)}
    done = installed("digest", tracker, "--as-of", AS_OF, "--notify", environment=environment)
    assert done.returncode == 0
    assert "no command for notifications" in done.stderr


@pytest.mark.parametrize("more", [("-o", "morning.pdf"), ("--format", "html", "-o", "morning.md")])
def test_a_file_whose_ending_says_something_else_is_refused(
    sheetsync: Cli, tracker: Path, more: tuple[str, ...]
) -> None:
    *options, name = more
    result = sheetsync("digest", tracker, *options, tracker.parent / name)
    assert result.exit_code == 2
    assert "let the file end in " in result.stderr
    assert ".html" in result.stderr
    assert not (tracker.parent / name).exists()


def test_of_a_csv_what_is_to_look_at_is_shown_by_a_command_that_reads_it(sheetsync: Cli, tmp_path: Path) -> None:
    old = tmp_path / "old.csv"
    old.write_text(
        "Company,Status,Date Applied\nAsh,Applied,2026-11-01\nBay,Applied,2026-11-02\nElm,Applied,soonish\nOak,Applied,2026-06-01\n",
        "utf-8",
    )
    said = sheetsync("digest", old, "--as-of", AS_OF).stdout
    assert "to look at; `sheetsync inspect` shows them." in said
    assert "1 gone cold: close it in the list." in said
    assert "soonish" in sheetsync("inspect", old).stdout
