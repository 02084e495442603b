"""A coach's copy is no tracker: whatever works out dates, or writes, refuses it in one sentence; looking at it goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.running import AS_OF, HEADERS, Cli, thread, write_workbook

sheetsync = Cli()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copies")
    tracker = write_workbook(folder / "tracker.xlsx", [HEADERS, thread("Ash & Co", "Applied", "2026-11-02")])
    result = sheetsync("share", tracker, "--out", folder / "coach.xlsx", "--yes", "--as-of", AS_OF)
    assert result.exit_code == 0, result.stderr
    return folder / "coach.xlsx"


@pytest.mark.parametrize(
    "words",
    [
        ("due",), ("report",), ("sync",), ("explain", "5"), ("calendar", "--output", "x.ics"), ("add", "dashboard"), ("remove",),
        ("log", "5", "--channel", "email"), ("share", "--out", "again.xlsx", "--yes"), ("notes", "--from", "other.xlsx"),
    ],
    ids=lambda words: str(words[0]),
)  # fmt: skip
def test_a_copy_is_refused(copy: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copy.parent)
    (copy.parent / "other.xlsx").write_bytes(copy.read_bytes())
    before = copy.read_bytes()
    result = sheetsync(words[0], copy, *words[1:])
    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == (
        f"sheetsync: {copy} is a coach's copy, not a tracker: name the tracker that it was made from. What your coach wrote "
        f"comes back with `sheetsync notes TRACKER --from {copy}`. Nothing was written."
    )
    assert copy.read_bytes() == before
    assert not (copy.parent / "again.xlsx").exists()


def test_looking_at_a_copy_goes_on(copy: Path) -> None:
    assert sheetsync("inspect", copy).exit_code == 0
    found = sheetsync.json("portfolio", copy, "--as-of", AS_OF)
    assert [client["target"] for client in found["clients"]] == [str(copy)]
