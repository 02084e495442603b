"""`sheetsync draft`: which drafts are written, what is never written over, what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from cli.drafting import ALDER, BIRCH, CEDAR, drafts, edit, finish, name_yourself, parsed, people, text_of
from cli.running import AS_OF, Cli

ALDER_FILE = "alder-ltd--analyst--ann-alder--interview.thank_you.email.eml"
BIRCH_FILE = "birch-co--archivist--tom-reed--application.followup_1.email.eml"


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    name_yourself(tmp_path)
    return people(tmp_path / "jobs.xlsx")


def links(path: Path) -> dict[str, str]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return {cell.coordinate: str(cell.hyperlink.target) for row in sheet.iter_rows() for cell in row if cell.hyperlink}


# What is written


def test_what_is_due_is_drafted_one_file_for_each_and_nothing_else_is_touched(sheetsync: Cli, tracker: Path) -> None:
    before = tracker.read_bytes()
    found = sheetsync.json("draft", tracker, "--as-of", AS_OF)
    assert [(each["row"], each["recipient"], each["file"], each["state"]) for each in found["drafts"]] == [
        (2, "Ann Alder", ALDER_FILE, "new"), (3, "Tom Reed", BIRCH_FILE, "new"),
    ]  # fmt: skip
    assert [path.name for path in drafts(tracker.parent / "drafts")] == [ALDER_FILE, BIRCH_FILE]
    assert found["drafts"][0]["gaps"]
    assert (found["more"], found["refusals"], found["written"]) == (0, [], False)
    assert tracker.read_bytes() == before


def test_a_mail_program_finds_an_unsent_message_and_nothing_that_tells_where_it_was_made(
    sheetsync: Cli, tracker: Path
) -> None:
    sheetsync("draft", tracker, "--as-of", AS_OF)
    file = tracker.parent / "drafts" / ALDER_FILE
    message = parsed(file)
    assert (message["X-Unsent"], message["To"], message["From"], message["Date"]) == (
        "1", "Ann Alder <ann@alder.example>", None, None,
    )  # fmt: skip
    assert "Analyst" in message["Subject"]
    assert text_of(file).startswith("Dear Ann Alder,\n")
    assert text_of(file).rstrip().endswith("Kind regards,\nMary Poole")
    assert b"sheetsync" not in file.read_bytes().lower()


def test_people_read_whom_what_and_what_is_left_to_do(sheetsync: Cli, tracker: Path) -> None:
    said = sheetsync("draft", tracker, "--as-of", AS_OF).stdout
    assert "jobs.xlsx, as of Mon 16 Nov 2026" in said
    assert ALDER_FILE in said
    assert "2  Ann Alder  fill in [[what you discussed with Ann Alder]]" in said
    assert f"2 drafts in {tracker.parent / 'drafts'}. Nothing was sent." in said
    assert "Your name" not in said


def test_a_name_that_is_not_known_is_said_once(sheetsync: Cli, tracker: Path) -> None:
    (tracker.parent / "sheetsync.toml").unlink()
    said = sheetsync("draft", tracker, "--as-of", AS_OF).stdout
    assert said.count("Your name is not known") == 1
    assert "[[your name]]" not in said


def test_at_most_as_many_as_a_day_takes_and_any_row_that_is_named(sheetsync: Cli, tracker: Path) -> None:
    with (tracker.parent / "sheetsync.toml").open("a") as file:
        file.write("per_day = 1\n")
    found = sheetsync.json("draft", tracker, "--as-of", AS_OF)
    assert ([each["row"] for each in found["drafts"]], found["more"]) == ([2], 1)
    assert "1 more thread is due" in sheetsync("draft", tracker, "--as-of", AS_OF).stdout
    named = sheetsync.json("draft", tracker, "Birch", "2", "--as-of", AS_OF)
    assert ([each["row"] for each in named["drafts"]], named["more"]) == ([3, 2], 0)


def test_each_interviewer_gets_a_message(sheetsync: Cli, tmp_path: Path) -> None:
    both = [*ALDER]
    both[2:4] = "Ann Alder; Bo Ash", "ann@alder.example; bo@alder.example"
    found = sheetsync.json("draft", people(tmp_path / "jobs.xlsx", both), "--as-of", AS_OF)
    assert [(each["recipient"], each["address"]) for each in found["drafts"]] == [
        ("Ann Alder", "ann@alder.example"), ("Bo Ash", "bo@alder.example"),
    ]  # fmt: skip


@pytest.mark.parametrize(("form", "suffix"), [("md", ".md"), ("text", ".txt")])
def test_other_formats_in_a_folder_of_choice(sheetsync: Cli, tracker: Path, form: str, suffix: str) -> None:
    folder = tracker.parent / "to do" / "today"
    sheetsync("draft", tracker, "--format", form, "--out", folder, "--as-of", AS_OF)
    files = drafts(folder)
    assert [path.suffix for path in files] == [suffix, suffix]
    assert "To: Ann Alder <ann@alder.example>\nSubject: " in text_of(files[0])


def test_what_is_no_email_is_markdown_and_said(sheetsync: Cli, tracker: Path) -> None:
    done = sheetsync("draft", tracker, "2", "--step", "offer.decline", "--way", "letter", "--as-of", AS_OF)
    assert [path.suffix for path in drafts(tracker.parent / "drafts")] == [".md"]
    assert "(letter)" in done.stdout or "offer.decline.letter.md" in done.stdout
    both = sheetsync("draft", tracker, "3", "--way", "phone", "--as-of", AS_OF)
    assert "what to say on the phone" in both.stdout


def test_a_csv_is_drafted_from_but_holds_no_links(sheetsync: Cli, tmp_path: Path) -> None:
    csv = tmp_path / "jobs.csv"
    csv.write_text(
        "Company,Position,Contact,Email,Status,Date Applied\nBirch Co,Clerk,Tom Reed,tom@birch.example,Applied,2026-11-01\n",
        "utf-8",
    )
    assert [each["row"] for each in sheetsync.json("draft", csv, "--as-of", AS_OF)["drafts"]] == [2]
    assert sheetsync("draft", csv, "--link", "--as-of", AS_OF).exit_code == 2


def test_nothing_due_is_said(sheetsync: Cli, tmp_path: Path) -> None:
    tracker = people(tmp_path / "jobs.xlsx", CEDAR)
    done = sheetsync("draft", tracker, "--as-of", AS_OF)
    assert (done.exit_code, "nothing to draft" in done.stdout) == (0, True)
    assert not (tmp_path / "drafts").exists()


# What is never written over


def test_a_second_run_changes_nothing(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("draft", tracker, "--as-of", AS_OF)
    folder = tracker.parent / "drafts"
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}
    found = sheetsync.json("draft", tracker, "--as-of", AS_OF)
    assert [each["state"] for each in found["drafts"]] == ["unchanged", "unchanged"]
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()} == before


def test_a_draft_that_nobody_touched_is_replaced_by_a_newer_one(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("draft", tracker, "--as-of", AS_OF)
    people(tracker, [*ALDER[:6], ALDER[6].replace(day=14), ""])  # type: ignore[attr-defined]
    found = sheetsync.json("draft", tracker, "2", "--as-of", AS_OF)
    assert [(each["file"], each["state"]) for each in found["drafts"]] == [(ALDER_FILE, "replaced")]
    assert "14 November" in text_of(tracker.parent / "drafts" / ALDER_FILE)


def test_an_edited_draft_stays_while_there_is_nothing_new_to_say(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("draft", tracker, "2", "--as-of", AS_OF)
    file = tracker.parent / "drafts" / ALDER_FILE
    finish(file)
    mine = file.read_bytes()
    found = sheetsync.json("draft", tracker, "2", "--as-of", AS_OF)
    assert [(each["file"], each["state"], each["gaps"]) for each in found["drafts"]] == [(ALDER_FILE, "kept", [])]
    assert file.read_bytes() == mine
    assert len(drafts(file.parent)) == 1


def test_an_edited_draft_stays_and_a_newer_one_stands_beside_it(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("draft", tracker, "2", "--as-of", AS_OF)
    file = tracker.parent / "drafts" / ALDER_FILE
    finish(file)
    mine = file.read_bytes()
    people(tracker, [*ALDER[:6], ALDER[6].replace(day=14), ""])  # type: ignore[attr-defined]
    done = sheetsync("draft", tracker, "2", "--as-of", AS_OF)
    beside = ALDER_FILE.replace(".eml", "~2.eml")
    assert f"You edited {ALDER_FILE}, so it stays as it is, and the new draft is {beside}." in done.stdout
    assert file.read_bytes() == mine
    again = sheetsync.json("draft", tracker, "2", "--as-of", AS_OF)
    assert [(each["file"], each["state"]) for each in again["drafts"]] == [(beside, "unchanged")]


def test_a_file_of_the_same_name_that_is_not_known_counts_as_the_persons(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("draft", tracker, "2", "--as-of", AS_OF)
    folder = tracker.parent / "drafts"
    edit(folder / ALDER_FILE, lambda text: text + "\nPS")
    (folder / ".drafts.json").write_text("{broken")
    found = sheetsync.json("draft", tracker, "2", "--as-of", AS_OF)
    assert [(each["state"], each["edited"]) for each in found["drafts"]] == [("beside", ALDER_FILE)]
    assert text_of(folder / ALDER_FILE).rstrip().endswith("PS")


def test_two_trackers_share_a_folder(sheetsync: Cli, tracker: Path) -> None:
    other = shutil.copyfile(tracker, tracker.with_name("more.xlsx"))
    sheetsync("draft", tracker, "2", "--as-of", AS_OF)
    found = sheetsync.json("draft", other, "2", "--as-of", AS_OF)
    assert [each["file"] for each in found["drafts"]] == [ALDER_FILE.replace(".eml", "~2.eml")]
    assert len(drafts(tracker.parent / "drafts")) == 2


# What is refused


def test_a_wrong_address_is_refused_unless_anyway(sheetsync: Cli, tmp_path: Path) -> None:
    wrong = [*ALDER[:3], "ann@birch.example", *ALDER[4:]]
    tracker = people(tmp_path / "jobs.xlsx", wrong, BIRCH)
    done = sheetsync("draft", tracker, "--as-of", AS_OF, "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 1
    assert [(each["row"], each["rule"]) for each in found["refusals"]] == [(2, "wrong-address")]
    assert [path.name for path in drafts(tmp_path / "drafts")] == [BIRCH_FILE]
    said = sheetsync("draft", tracker, "2", "--as-of", AS_OF)
    assert said.exit_code == 1
    assert "Refused\n  row 2: " in said.stdout
    anyway = sheetsync("draft", tracker, "2", "--anyway", "--as-of", AS_OF)
    assert anyway.exit_code == 0
    assert "Drafted all the same\n  row 2: " in anyway.stdout
    assert [path.name for path in drafts(tmp_path / "drafts")] == [ALDER_FILE, BIRCH_FILE]


def test_a_closed_thread_is_refused_unless_anyway(sheetsync: Cli, tracker: Path) -> None:
    words = ("draft", tracker, "4", "--step", "application.followup_1", "--as-of", AS_OF)
    refused = sheetsync(*words, "--json")
    assert (refused.exit_code, json.loads(refused.stdout)["refusals"][0]["rule"]) == (1, "closed-thread")
    assert sheetsync(*words, "--anyway").exit_code == 0


def test_a_row_that_needs_no_message_is_no_mistake(sheetsync: Cli, tracker: Path) -> None:
    done = sheetsync("draft", tracker, "4", "--as-of", AS_OF)
    assert (done.exit_code, "Row 4" in done.stdout) == (0, True)
    assert not (tracker.parent / "drafts").exists()


@pytest.mark.parametrize(
    "words", [("99",), ("Nobody",), ("2", "--step", "interview.thanks"), ("2", "--out", "jobs.xlsx")]
)
def test_what_cannot_be_meant(
    sheetsync: Cli, tracker: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tracker.parent)
    done = sheetsync("draft", "jobs.xlsx", *words, "--as-of", AS_OF)
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert not (tracker.parent / "drafts").exists()


# Templates of the person's own


def test_their_own_template_wins(sheetsync: Cli, tracker: Path) -> None:
    folder = tracker.parent / "messages"
    folder.mkdir()
    (folder / "interview.thank_you.email.txt").write_text(
        "Subject: Thanks\n\nHello {{ first }} and colleagues", "utf-8"
    )
    (folder / "thankyou.txt").write_text("Hello", "utf-8")
    found = sheetsync("draft", tracker, "2", "--as-of", AS_OF)
    assert found.exit_code == 2
    assert "messages/interview.thank_you.email.txt, line 3" in found.stderr
    (folder / "interview.thank_you.email.txt").write_text("Subject: Thanks\n\nHello {{ company }}", "utf-8")
    told = sheetsync.json("draft", tracker, "2", "--as-of", AS_OF)
    file = tracker.parent / "drafts" / ALDER_FILE
    assert (parsed(file)["Subject"], text_of(file)) == ("Thanks", "Hello Alder Ltd\n")
    assert told["drafts"][0]["template"] == "messages/interview.thank_you.email.txt"
    assert [problem["sheet"] for problem in told["problems"]] == ["messages/thankyou.txt"]


# Links


def test_a_link_opens_the_whole_draft(sheetsync: Cli, tracker: Path) -> None:
    found = sheetsync.json("draft", tracker, "--link", "--as-of", AS_OF)
    assert found["written"] is True
    made = links(tracker)
    assert [link.partition("?")[0] for link in made.values()] == [
        "mailto:ann@alder.example", "mailto:tom@birch.example"
    ]  # fmt: skip
    assert all(len(link) <= 2000 and "&body=Dear%20" in link for link in made.values())
    before = tracker.read_bytes()
    assert sheetsync.json("draft", tracker, "--link", "--as-of", AS_OF)["written"] is False
    assert tracker.read_bytes() == before


def test_a_thread_that_is_not_due_any_more_loses_its_link(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("draft", tracker, "--link", "--as-of", AS_OF)
    (ann, tom) = links(tracker)
    sheetsync("log", tracker, "3", "--on", AS_OF, "--as-of", AS_OF)
    assert set(links(tracker)) == {ann}
    assert openpyxl.load_workbook(tracker).worksheets[0][tom].value is None


def test_links_of_rows_that_are_not_named_stay(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("draft", tracker, "--link", "--as-of", AS_OF)
    sheetsync("draft", tracker, "3", "--link", "--as-of", AS_OF)
    assert len(links(tracker)) == 2


def test_links_go_with_everything_else(sheetsync: Cli, tracker: Path) -> None:
    before = tracker.read_bytes()
    sheetsync("draft", tracker, "--link", "--as-of", AS_OF)
    sheetsync("remove", tracker)
    assert links(tracker) == {}
    assert len(tracker.read_bytes()) == len(before)


def test_what_somebody_types_into_the_draft_column_stays(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("draft", tracker, "--link", "--as-of", AS_OF)
    book = openpyxl.load_workbook(tracker)
    column = next(iter(links(tracker))).rstrip("0123456789")
    book.worksheets[0][f"{column}5"] = "ring first"
    book.save(tracker)
    for row in ("2", "3"):
        sheetsync("log", tracker, row, "--channel", "email", "--as-of", AS_OF)
    sheet = openpyxl.load_workbook(tracker).worksheets[0]
    assert [sheet[f"{column}{row}"].value for row in range(2, 6)] == [None, None, None, "ring first"]
    assert links(tracker) == {}
