"""Locks, versions, the write that is all or nothing, backups: with real files, real kills and a really full disk."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from sheetsync.errors import (
    LockedError,
    RefusedFileError,
    SourceChangedError,
    UnreadableFileError,
    UnwritableFileError,
)
from sheetsync.sheets import backups, files, homes, placing

OLD, NEW = b"old" * 1000, b"new" * 2000

posix = pytest.mark.skipif(os.name != "posix", reason="permissions and signals of POSIX systems")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of our own files, so that no test touches the person's."""
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "search"
    folder.mkdir()
    file = folder / "jobs.xlsx"
    file.write_bytes(OLD)
    return file


def new(file: BinaryIO) -> None:
    file.write(NEW)


def replace(path: Path, write: Callable[[BinaryIO], object] = new, *, backup: bool = True) -> Path | None:
    return files.replace_atomically(path, write, expected_version=files.version(path), backup=backup).backup


def beside(path: Path) -> list[str]:
    """What is in the file's folder but the file."""
    return sorted(file.name for file in path.parent.iterdir() if file != path)


# Versions


def test_a_file_that_nobody_touched_has_the_same_version(path: Path) -> None:
    assert files.version(path) == files.version(path)


def test_a_rewrite_in_place_with_the_same_size_and_time_is_another_version(path: Path) -> None:
    before, about = files.version(path), path.stat()
    path.write_bytes(OLD.replace(b"o", b"x"))
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert path.stat().st_mtime_ns == about.st_mtime_ns
    assert files.version(path) != before


def test_what_is_read_belongs_to_its_version(path: Path) -> None:
    assert files.read_file(path) == (OLD, files.version(path))


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="there is no such file, check its name"):
        files.read_file(tmp_path / "none.xlsx")


def test_a_folder_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="it is a folder"):
        files.read_file(tmp_path)


@posix
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    with pytest.raises(UnreadableFileError, match="no ordinary file"):
        files.read_file(tmp_path / "pipe.xlsx")


@posix
def test_an_enormous_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "large.xlsx").open("wb") as file:
        file.truncate(files.MAX_FILE + 1)
    with pytest.raises(RefusedFileError, match="larger than 128 MB"):
        files.read_file(tmp_path / "large.xlsx")


# Locks


def excel_lock(user: str) -> bytes:
    """Excel's owner file: the name's length and the name, in the code page and again in UTF-16; 165 bytes."""
    start = bytes([len(user)]) + user.encode("cp1252") + b" " * (54 - len(user))
    return (start + bytes([len(user), 0]) + user.encode("utf-16-le") + b" \0" * 54)[:165]


def test_a_file_that_nobody_has_open_has_no_holder(path: Path) -> None:
    assert files.lock_holder(path) is None


def test_excel_s_lock_names_who_has_it_open(path: Path) -> None:
    path.with_name("~$jobs.xlsx").write_bytes(excel_lock("Zoë Müller"))
    assert files.lock_holder(path) == "Excel (by Zoë Müller, lock file ~$jobs.xlsx)"


def test_a_short_owner_file_is_read_as_far_as_it_goes(path: Path) -> None:
    path.with_name("~$jobs.xlsx").write_bytes(b"\x03Ann")
    assert files.lock_holder(path) == "Excel (by Ann, lock file ~$jobs.xlsx)"


def test_an_empty_owner_file_is_a_lock_too(path: Path) -> None:
    path.with_name("~$jobs.xlsx").touch()
    assert files.lock_holder(path) == "Excel (lock file ~$jobs.xlsx)"


def test_libreoffice_s_lock_names_who_has_it_open_and_where(path: Path) -> None:
    path.with_name(".~lock.jobs.xlsx#").write_text(",ann,desk,02.11.2026 08:15,file:///home/ann/.config;")
    assert files.lock_holder(path) == "LibreOffice (by ann on desk, lock file .~lock.jobs.xlsx#)"


def test_a_lock_beside_the_target_of_a_link_counts(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.xlsx"
    link.symlink_to(path)
    path.with_name("~$jobs.xlsx").touch()
    assert files.lock_holder(link)


def test_a_locked_file_is_an_error_that_says_what_to_do(path: Path) -> None:
    path.with_name("~$jobs.xlsx").write_bytes(excel_lock("Ann"))
    with pytest.raises(LockedError, match=r"is open in Excel \(by Ann, .*--wait SECONDS") as caught:
        files.wait_for_lock(path)
    assert caught.value.exit_code == 5


def test_waiting_ends_as_soon_as_the_file_is_closed(path: Path) -> None:
    lock = path.with_name("~$jobs.xlsx")
    lock.touch()
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            lock.unlink()

    files.wait_for_lock(path, 30, sleep=sleep, clock=lambda: sum(waits))
    assert len(waits) == 3
    assert sum(waits) < 5


def test_waiting_ends_when_the_time_is_over(path: Path) -> None:
    path.with_name("~$jobs.xlsx").touch()
    passed = [0.0]

    def sleep(seconds: float) -> None:
        passed[0] += seconds

    with pytest.raises(LockedError):
        files.wait_for_lock(path, 3.2, sleep=sleep, clock=lambda: passed[0])
    assert passed[0] == pytest.approx(3.2)


# The write


def test_a_write_replaces_the_file_and_leaves_nothing_beside_it(path: Path) -> None:
    replace(path)
    assert path.read_bytes() == NEW
    assert beside(path) == []


def test_a_failing_write_leaves_the_old_file_and_nothing_beside_it(path: Path, home: Path) -> None:
    def fail(file: BinaryIO) -> None:
        file.write(NEW)
        raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        replace(path, fail)
    assert (path.read_bytes(), beside(path), [*home.rglob("*.xlsx")]) == (OLD, [], [])


def test_an_interrupted_write_leaves_the_old_file_and_nothing_beside_it(path: Path) -> None:
    def interrupted(file: BinaryIO) -> None:
        file.write(NEW)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace(path, interrupted)
    assert (path.read_bytes(), beside(path)) == (OLD, [])


def test_a_change_before_the_write_is_noticed(path: Path) -> None:
    seen = files.version(path)
    path.write_bytes(b"theirs")
    with pytest.raises(SourceChangedError):
        files.replace_atomically(path, new, expected_version=seen)
    assert (path.read_bytes(), beside(path)) == (b"theirs", [])


def test_a_change_while_we_write_is_noticed(path: Path, home: Path) -> None:
    def overtaken(file: BinaryIO) -> None:
        file.write(NEW)
        path.write_bytes(b"theirs")

    with pytest.raises(SourceChangedError):
        replace(path, overtaken)
    assert (path.read_bytes(), beside(path), [*home.rglob("*.xlsx")]) == (b"theirs", [], [])


def test_a_file_that_vanishes_while_we_write_is_not_made_again(path: Path) -> None:
    def vanished(file: BinaryIO) -> None:
        file.write(NEW)
        path.unlink()

    with pytest.raises((SourceChangedError, UnwritableFileError)):
        replace(path, vanished)
    assert not path.exists()
    assert beside(path) == []


def test_a_link_stays_one_and_its_target_is_replaced(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.xlsx"
    link.symlink_to(path)
    replace(link)
    assert link.is_symlink()
    assert path.read_bytes() == NEW


@posix
def test_the_mode_is_kept(path: Path) -> None:
    path.chmod(0o640)
    replace(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_the_owner_is_kept(path: Path) -> None:
    os.chown(path, 12345, 23456)
    replace(path)
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="extended attributes of Linux")
def test_extended_attributes_are_kept(path: Path) -> None:
    try:
        os.setxattr(path, "user.origin", b"a friend")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    replace(path)
    assert os.getxattr(path, "user.origin") == b"a friend"


def test_a_further_name_of_the_file_is_told(path: Path) -> None:
    assert not files.is_hard_linked(path)
    path.with_name("other.xlsx").hardlink_to(path)
    assert files.is_hard_linked(path)


# What cannot be written


@posix
def test_a_read_only_file_stays_as_it_is_even_for_root(path: Path) -> None:
    path.chmod(0o444)
    with pytest.raises(UnwritableFileError, match="it is read-only, make it writable first. The file is as it was"):
        replace(path)
    assert (path.read_bytes(), beside(path)) == (OLD, [])


@posix
def test_a_file_in_a_read_only_folder_stays_as_it_is(path: Path) -> None:
    path.parent.chmod(0o555)
    try:
        with pytest.raises(UnwritableFileError, match="its folder .* is read-only"):
            replace(path)
    finally:
        path.parent.chmod(0o755)
    assert (path.read_bytes(), beside(path)) == (OLD, [])


def run(code: str, *arguments: object, **kwargs: object) -> subprocess.CompletedProcess[str]:
    """Run lines of Python that have `files`, `path`, `new` and `version` in a process of their own."""
    head = """
        import os, resource, signal, sys
        from pathlib import Path
        from sheetsync.errors import SheetsyncError
        from sheetsync.sheets import files
        path = Path(sys.argv[1])
        def new(file): file.write(b"new" * 2000)
    """
    script = textwrap.dedent(head) + textwrap.dedent(code)
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **kwargs)  # type: ignore[call-overload,no-any-return]


TRY = """
try:
    files.replace_atomically(path, new, expected_version=files.version(path))
except SheetsyncError as error:
    print(error)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_a_file_of_somebody_else_stays_as_it_is(path: Path, home: Path) -> None:
    home.mkdir(mode=0o777)
    home.chmod(0o777)
    for folder in (
        each for each in path.parents if each.is_relative_to(tempfile.gettempdir()) and each.owner() == "root"
    ):
        folder.chmod(folder.stat().st_mode | 0o055)
    path.chmod(0o644)
    done = run("os.setgid(65534); os.setuid(65534)\n" + TRY, path)
    if "Permission denied" in done.stderr:
        pytest.skip("nobody cannot reach the test's folder")
    assert "cannot be written: it is read-only" in done.stdout, done.stderr
    assert (path.read_bytes(), beside(path)) == (OLD, [])


@posix
def test_a_file_that_may_not_grow_so_large_stays_as_it_is(path: Path) -> None:
    limit = "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))\n"
    done = run(limit + TRY, path)
    assert "cannot be written: the disk is full, free some space" in done.stdout, done.stderr
    assert (path.read_bytes(), beside(path)) == (OLD, [])


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    place = tmp_path / "tiny"
    place.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip("mounting a small disk needs root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a small disk is mounted as on Linux")
def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(tiny_disk: Path) -> None:
    path = tiny_disk / "jobs.xlsx"
    path.write_bytes(OLD)
    with pytest.raises(UnwritableFileError, match="the disk is full"):
        replace(path, lambda file: file.write(b"x" * 100_000))
    assert (path.read_bytes(), beside(path)) == (OLD, [])
    replace(path)
    assert path.read_bytes() == NEW


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a small disk is mounted as on Linux")
def test_a_disk_without_room_for_the_backup_stops_the_write(
    path: Path, tiny_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(b"x" * 100_000)
    monkeypatch.setenv("SHEETSYNC_HOME", str(tiny_disk))
    with pytest.raises(UnwritableFileError, match="no backup could be made in .* SHEETSYNC_HOME names another place"):
        replace(path)
    assert (path.read_bytes(), beside(path)) == (b"x" * 100_000, [])
    assert not [*tiny_disk.rglob("*.xlsx")]


# Killed processes

KILLED = {
    "before anything is written": "def new(file): os.kill(os.getpid(), signal.SIGKILL)\n",
    "in the middle of a write": 'def new(file): file.write(b"new" * 9); file.flush(); os.kill(os.getpid(), signal.SIGKILL)\n',
    "after the last byte": "os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)\n",
    "before the rename": "Path.replace = lambda self, target: os.kill(os.getpid(), signal.SIGKILL)\n",
}


@posix
@pytest.mark.parametrize("moment", KILLED)
def test_a_killed_run_leaves_the_old_file_and_the_next_one_works(moment: str, path: Path) -> None:
    done = run(KILLED[moment] + TRY, path)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == OLD
    replace(path)
    assert path.read_bytes() == NEW


@posix
def test_a_killed_run_s_leftover_goes_with_the_next_one_and_that_of_a_run_at_work_stays(path: Path) -> None:
    run(KILLED["in the middle of a write"] + TRY, path)
    (leftover,) = path.parent.glob(".sheetsync-*")
    at_work = placing.beside(path)
    at_work.touch()
    replace(path)
    assert not leftover.exists()
    assert beside(path) == [at_work.name]


def test_a_leftover_that_may_be_another_computer_s_goes_once_it_is_old(path: Path) -> None:
    leftover = path.with_name(".sheetsync-00000000-1-aaaaaaaa.tmp")
    leftover.touch()
    replace(path)
    assert leftover.exists(), "it might be a run at work"
    old = time.time() - placing.LEFTOVER_AGE - 60
    os.utime(leftover, (old, old))
    replace(path)
    assert beside(path) == []


@posix
def test_a_run_killed_at_any_moment_leaves_one_whole_file(path: Path) -> None:
    code = """
        import itertools
        for number in itertools.count():
            content = bytes([number % 256]) * 300_000
            files.replace_atomically(path, lambda f: f.write(content), expected_version=files.version(path))
            print(flush=True)
    """
    path.write_bytes(b"\0" * 300_000)
    head = "import sys; from pathlib import Path; from sheetsync.sheets import files; path = Path(sys.argv[1])\n"
    for pause in (0.0, 0.003, 0.011, 0.027, 0.05):
        process = subprocess.Popen(
            [sys.executable, "-c", head + textwrap.dedent(code), str(path)], stdout=subprocess.PIPE
        )
        assert process.stdout
        process.stdout.readline()
        time.sleep(pause)
        process.kill()
        process.wait()
        process.stdout.close()
        content = path.read_bytes()
        assert len(content) == 300_000
        assert len(set(content)) == 1


# Backups


def test_a_backup_of_what_was_there_is_made_first(path: Path, home: Path) -> None:
    backup = replace(path)
    assert backup
    assert backup.read_bytes() == OLD
    assert backup.is_relative_to(home / "backups")
    assert backup.suffix == ".xlsx"


def test_no_backup_is_made_if_none_is_wanted(path: Path, home: Path) -> None:
    assert replace(path, backup=False) is None
    assert not home.exists()


def test_a_backup_is_not_reached_by_later_edits(path: Path) -> None:
    backup = replace(path)
    path.write_bytes(b"later")
    assert backup
    assert backup.read_bytes() == OLD


def test_a_backup_of_a_file_with_a_further_name_is_a_copy(path: Path) -> None:
    other = path.with_name("other.xlsx")
    other.hardlink_to(path)
    backup = replace(path)
    other.write_bytes(b"edited under its other name")
    assert backup
    assert backup.read_bytes() == OLD


def test_backups_of_one_second_are_all_kept_in_their_order(path: Path) -> None:
    contents = [OLD]
    for number in range(12):
        contents.append(b"%d" % number)
        replace(path, lambda file: file.write(contents[-1]))
    assert [backup.path.read_bytes() for backup in backups.backups(path)] == contents[:-1]


def test_the_last_thirty_are_kept(path: Path) -> None:
    for number in range(backups.KEPT + 3):
        content = b"%d" % number
        replace(path, lambda file, content=content: file.write(content))  # type: ignore[misc]
    kept = [backup.path.read_bytes() for backup in backups.backups(path)]
    assert kept == [b"%d" % number for number in range(2, 32)]


def test_files_of_one_name_in_two_folders_have_their_own_backups(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "jobs.xlsx"
    other.write_bytes(b"another")
    replace(path)
    replace(other)
    assert [backup.path.read_bytes() for backup in backups.backups(path)] == [OLD]
    assert [backup.path.read_bytes() for backup in backups.backups(other)] == [b"another"]


def test_what_is_no_backup_is_left_alone(path: Path) -> None:
    replace(path)
    mine = backups.folder_of(path) / "mine.xlsx"
    mine.touch()
    assert mine not in [backup.path for backup in backups.backups(path)]


def test_without_a_setting_backups_are_in_the_person_s_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHEETSYNC_HOME")
    assert homes.home().name == "sheetsync"
    assert homes.home().is_absolute()
