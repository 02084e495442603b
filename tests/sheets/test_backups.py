"""Backups: where they are, how long they stay, and that they are true copies; with real files and given times."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from pathlib import Path
from typing import BinaryIO, Final

import pytest

from sheetsync.errors import UnwritableFileError
from sheetsync.sheets import backups, files, homes

NOON: Final = dt.datetime(2026, 11, 16, 12, tzinfo=dt.UTC)
DAY: Final = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, for our files and for the person's."""
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    for name in ("OneDrive", "OneDriveCommercial", "OneDriveConsumer", "APPDATA", "LOCALAPPDATA", homes.ALLOWED):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "jobs.xlsx"
    file.write_bytes(b"0")
    return file


def write(path: Path, content: bytes, when: dt.datetime) -> files.Replaced:
    def put(file: BinaryIO) -> None:
        file.write(content)

    return files.replace_atomically(path, put, expected_version=files.version(path), clock=lambda: when)


def kept(path: Path) -> list[bytes]:
    return [backup.path.read_bytes() for backup in backups.backups(path)]


def test_a_backup_is_named_by_its_time_and_its_content(path: Path) -> None:
    done = write(path, b"new", NOON)
    assert done.backup
    assert done.backup.name == f"2026-11-16T120000-000000Z-{backups.content_digest(b'0')}.xlsx"
    assert done.digest == backups.content_digest(b"new")
    (backup,) = backups.backups(path)
    assert (backup.path, backup.moment, backup.digest) == (done.backup, NOON, backups.content_digest(b"0"))


def test_names_go_by_universal_time(path: Path) -> None:
    summer = dt.timezone(dt.timedelta(hours=2))
    write(path, b"1", dt.datetime(2026, 10, 25, 2, 30, tzinfo=summer))
    write(path, b"2", dt.datetime(2026, 10, 25, 2, 10, tzinfo=dt.timezone(dt.timedelta(hours=1))))
    assert kept(path) == [b"0", b"1"], "the hour that comes twice when summer ends keeps its order"


def test_the_same_content_is_kept_once_and_gets_the_new_time(path: Path) -> None:
    write(path, b"1", NOON)
    write(path, b"0", NOON + DAY)
    write(path, b"1", NOON + 2 * DAY)
    assert [(one.path.read_bytes(), one.moment) for one in backups.backups(path)] == [
        (b"1", NOON + DAY),
        (b"0", NOON + 2 * DAY),
    ]


def test_a_backup_whose_bytes_were_changed_does_not_stand_for_the_content(path: Path) -> None:
    write(path, b"1", NOON)
    (backup,) = backups.backups(path)
    backup.path.write_bytes(b"x")
    write(path, b"0", NOON + DAY)
    write(path, b"2", NOON + 2 * DAY)
    assert kept(path)[-1] == b"0"


def test_backups_older_than_fourteen_days_go(path: Path) -> None:
    for day in range(20):
        write(path, b"%d" % (day + 1), NOON + day * DAY)
    assert kept(path) == [b"%d" % day for day in range(5, 20)], "the nights 5 to 19; night 5 is 14 days ago"


def test_the_newest_stays_however_old(path: Path) -> None:
    write(path, b"1", NOON)
    backups.prune(path, NOON + 400 * DAY)
    assert kept(path) == [b"0"]
    write(path, b"2", NOON + 500 * DAY)
    assert kept(path) == [b"1"]


def test_of_one_day_thirty_are_kept(path: Path) -> None:
    for number in range(40):
        write(path, b"%d" % (number + 1), NOON + dt.timedelta(minutes=number))
    assert kept(path) == [b"%d" % number for number in range(10, 40)]


def test_a_clock_that_was_a_year_ahead_costs_no_backup_of_now(path: Path) -> None:
    write(path, b"1", NOON + 365 * DAY)
    write(path, b"2", NOON)
    write(path, b"3", NOON + DAY)
    assert sorted(kept(path)) == [b"0", b"1", b"2"]


def test_backups_of_a_clock_that_was_ahead_make_room_for_those_of_now(path: Path) -> None:
    for number in range(30):
        write(path, b"%d" % (number + 1), NOON + 365 * DAY + dt.timedelta(minutes=number))
    write(path, b"31", NOON)
    write(path, b"32", NOON + DAY)
    assert set(kept(path)) == {b"%d" % number for number in range(2, 32)}


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX systems")
def test_backups_are_for_their_owner_only_whatever_the_file_s_mode(path: Path, home: Path) -> None:
    path.chmod(0o644)
    previous = os.umask(0)
    try:
        done = write(path, b"new", NOON)
    finally:
        os.umask(previous)
    assert done.backup
    assert done.backup.stat().st_mode & 0o777 == 0o600
    folders = [folder for folder in done.backup.parents if folder.is_relative_to(home)]
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(sys.platform == "win32", reason="rights are not kept that way there")
def test_folders_that_others_may_look_into_are_narrowed(path: Path, home: Path) -> None:
    home.mkdir()
    home.chmod(0o755)
    own = backups.folder_of(path)
    own.mkdir(parents=True)
    for folder in (own, own.parent):
        folder.chmod(0o755)
    write(path, b"1", NOON)
    assert [folder.stat().st_mode & 0o777 for folder in (own, own.parent, home)] == [0o700, 0o700, 0o755]


def test_a_program_that_has_the_old_file_open_does_not_reach_the_backup(path: Path) -> None:
    with path.open("r+b") as theirs:
        done = write(path, b"new", NOON)
        theirs.write(b"saved in place")
    assert done.backup
    assert done.backup.read_bytes() == b"0"
    assert done.backup.stat().st_nlink == 1


# Folders that are synced


@pytest.mark.parametrize(
    ("folder", "provider"),
    [
        ("OneDrive", "OneDrive"),
        ("OneDrive - Ash Ltd/Documents", "OneDrive"),
        ("Dropbox/data", "Dropbox"),
        ("Dropbox (Personal)", "Dropbox"),
        ("Google Drive/My Drive", "Google Drive"),
        ("Library/CloudStorage/GoogleDrive-me@example.com/My Drive", "GoogleDrive"),
        ("Library/CloudStorage/OneDrive-Personal", "OneDrive"),
        ("Library/Mobile Documents/com~apple~CloudDocs", "iCloud"),
        ("iCloudDrive", "iCloud"),
        ("Dropbox recipes", None),
        ("my onedrive notes", None),
        (".local/share/sheetsync", None),
    ],
)
def test_a_synced_folder_is_known_by_its_name(tmp_path: Path, folder: str, provider: str | None) -> None:
    assert homes.synced_by(tmp_path / folder) == provider


@pytest.mark.parametrize(
    ("marker", "provider"),
    [(".dropbox.cache", "Dropbox"), (".tmp.driveupload", "Google Drive"), (".stfolder", "Syncthing")],
)
def test_a_synced_folder_is_known_by_what_its_program_keeps_there(tmp_path: Path, marker: str, provider: str) -> None:
    (tmp_path / "mine" / marker).mkdir(parents=True)
    assert homes.synced_by(tmp_path / "mine" / "deep" / "down") == provider
    assert homes.synced_by(tmp_path / "other") is None


def test_a_folder_is_known_by_what_onedrive_says_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OneDriveCommercial", str(tmp_path / "Work"))
    assert homes.synced_by(tmp_path / "Work" / "sheetsync") == "OneDrive"
    assert homes.synced_by(tmp_path / "Home") is None


def test_a_folder_is_known_by_dropbox_s_own_list(tmp_path: Path) -> None:
    own = tmp_path / "person" / ".dropbox"
    own.mkdir(parents=True)
    (own / "info.json").write_text(json.dumps({"personal": {"path": str(tmp_path / "Boxed")}}))
    assert homes.synced_by(tmp_path / "Boxed" / "x") == "Dropbox"
    assert homes.synced_by(tmp_path / "person" / "x") is None, "~/.dropbox is the program's own folder"
    (own / "info.json").write_text("[]")
    assert homes.synced_by(tmp_path / "Boxed" / "x") is None


def test_a_link_into_a_synced_folder_is_seen_through(tmp_path: Path) -> None:
    (tmp_path / "Dropbox" / "x").mkdir(parents=True)
    (tmp_path / "plain").symlink_to(tmp_path / "Dropbox" / "x")
    assert homes.synced_by(tmp_path / "plain" / "sheetsync") == "Dropbox"


def test_no_backup_goes_into_a_synced_home_and_nothing_is_written(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "Dropbox" / "mine"))
    with pytest.raises(UnwritableFileError, match="Dropbox copies that folder elsewhere: set SHEETSYNC_HOME"):
        write(path, b"new", NOON)
    assert path.read_bytes() == b"0"
    assert not (tmp_path / "Dropbox").exists()
    monkeypatch.setenv(homes.ALLOWED, "1")
    done = write(path, b"new", NOON)
    assert done.backup
    assert done.backup.is_relative_to(tmp_path / "Dropbox" / "mine")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="folders as Linux has them")
def test_a_synced_place_of_the_system_s_gives_way_to_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHEETSYNC_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "OneDrive" / "data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert homes.synced_by(homes.home()) == "OneDrive"
    assert homes.backup_home() == tmp_path / "state" / "sheetsync"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "Dropbox"))
    assert homes.backup_home() == tmp_path / "person" / ".sheetsync"
