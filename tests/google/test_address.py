"""Links and ids of Google spreadsheets, as people copy them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetsync.errors import UsageError
from sheetsync.sheets.google.address import is_google, spreadsheet_id

ID = "1Sle_EDNRq8PsQGzmskqQWIGnUT4epR-d9A-9gaJsrrQ"


@pytest.mark.parametrize(
    "link",
    [
        f"https://docs.google.com/spreadsheets/d/{ID}",
        f"https://docs.google.com/spreadsheets/d/{ID}/",
        f"https://docs.google.com/spreadsheets/d/{ID}/edit",
        f"https://docs.google.com/spreadsheets/d/{ID}/edit#gid=0",
        f"https://docs.google.com/spreadsheets/d/{ID}/edit?gid=12#gid=12",
        f"https://docs.google.com/spreadsheets/d/{ID}/edit?usp=sharing",
        f"https://docs.google.com/spreadsheets/d/{ID}/edit?usp=drive_link&ouid=1&rtpof=true&sd=true",
        f"https://docs.google.com/spreadsheets/d/{ID}/copy",
        f"https://docs.google.com/spreadsheets/d/{ID}/export?format=xlsx",
        f"https://docs.google.com/spreadsheets/u/0/d/{ID}/edit",
        f"https://docs.google.com/spreadsheets/u/12/d/{ID}/htmlview",
        f"https://docs.google.com/a/example.com/spreadsheets/d/{ID}/edit",
        f"https://drive.google.com/open?id={ID}&authuser=1",
        f"https://drive.google.com/file/d/{ID}/view?usp=drive_link",
        f"https://spreadsheets.google.com/ccc?key={ID}&hl=en",
        f"https://www.google.com/url?q=https://docs.google.com/spreadsheets/d/{ID}/edit%23gid%3D0&sa=D",
        f"http://docs.google.com/spreadsheets/d/{ID}/edit",
        f"HTTPS://DOCS.GOOGLE.COM/spreadsheets/d/{ID}/edit",
        f"docs.google.com/spreadsheets/d/{ID}/edit",
        f"  https://docs.google.com/spreadsheets/d/{ID}/edit\n",
        ID,
    ],
)
def test_every_kind_of_link_leads_to_the_id(link: str) -> None:
    assert is_google(link)
    assert spreadsheet_id(link) == ID


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("https://docs.google.com/spreadsheets/d/e/2PACX-1vQabcdef/pubhtml?gid=0", "is a published copy"),
        (f"https://docs.google.com/document/d/{ID}/edit", "is a Google document"),
        (f"https://docs.google.com/presentation/d/{ID}/edit", "is a Google presentation"),
        ("https://docs.google.com/forms/d/e/1FAIpQLSabc/viewform", "is a Google form"),
        (f"https://docs.google.com/drawings/d/{ID}/edit", "is a Google drawing"),
        (f"https://drive.google.com/drive/folders/{ID}", "is a folder on Google Drive"),
        ("https://drive.google.com/drive/my-drive", "is a page of Google Drive"),
        ("https://docs.google.com/spreadsheets/u/0/", "is no link to a spreadsheet"),
        ("https://sheets.google.com/", "is no link to a spreadsheet"),
    ],
)
def test_other_links_of_google_are_named_for_what_they_are(link: str, words: str) -> None:
    assert is_google(link)
    with pytest.raises(UsageError, match=words) as caught:
        spreadsheet_id(link)
    assert "browser's address bar" in str(caught.value)


@pytest.mark.parametrize(
    "location",
    [
        "tracker.xlsx",
        "/home/ana/my-tracker.xlsx",
        "job-search-tracker-of-the-year-twenty",
        "job_search_tracker_2026_final_final_2",
        f"https://example.com/spreadsheets/d/{ID}",
        f"https://docs.google.com.example.com/spreadsheets/d/{ID}",
        f"ftp://docs.google.com/spreadsheets/d/{ID}",
        "https://[docs.google.com/spreadsheets",
        "",
    ],
)
def test_everything_else_is_a_file(location: str) -> None:
    assert not is_google(location)


def test_a_file_that_is_there_is_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert is_google(ID)
    (tmp_path / ID).touch()
    assert not is_google(ID)
