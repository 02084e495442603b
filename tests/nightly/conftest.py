"""Real schedulers that touch nothing of this computer's own: a systemd and a crontab in a namespace of theirs."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.running import Cli

from sheetsync.start import start

SAMPLE = Path(__file__).parents[2] / "sample_tracker.xlsx"
AWKWARD = 'Träcker, 100% "mine" it\'s $HOME \\ %h %d #1'
"""A folder's name with everything that some scheduler reads in its own way."""


@pytest.fixture
def sheetsync() -> Cli:
    return Cli()


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's whole home, theirs and sheetsync's, is the test's."""
    home = tmp_path / "own home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("SHEETSYNC_HOME", str(home / "sheet sync"))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "SHEETSYNC_DEBUG", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    """A tracker as `init` makes it, Settings sheet and all, at an awkward place."""
    path = tmp_path / AWKWARD / "job search.xlsx"
    path.parent.mkdir()
    shutil.copy(SAMPLE, path)
    return path


@pytest.fixture
def plain_tracker(tmp_path: Path) -> Path:
    """A second tracker."""
    path = tmp_path / "clients.xlsx"
    start(path, template="networking")
    return path


@pytest.fixture
def user_systemd(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A person's own systemd, at work: it believes that the computer was booted with systemd. Yields its log."""
    program = next((p for p in ("/lib/systemd/systemd", "/usr/lib/systemd/systemd") if Path(p).exists()), None)
    if program is None or shutil.which("systemctl") is None:
        pytest.skip("systemd is not installed")
    # a socket's path has 108 characters at most
    runtime = Path(f"/tmp/sheetsync-{os.getpid()}-{tmp_path.parent.name[-1]}")  # noqa: S108 - removed below
    runtime.mkdir(mode=0o700)
    log = own_home / "systemd.log"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    inside = f"mount -t tmpfs none /run && mkdir -p /run/systemd/system && exec {program} --user --log-target=console"
    with log.open("wb") as output:
        manager = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", inside], stdout=output, stderr=output
        )
        try:
            for _ in range(100):
                if manager.poll() is not None or _answers():
                    break
                time.sleep(0.1)
            if manager.poll() is not None or not _answers():
                pytest.skip(f"no systemd can run here: {log.read_text('utf-8', 'replace').strip()[-300:]}")
            yield log
        finally:
            manager.terminate()
            manager.wait(20)
            shutil.rmtree(runtime, ignore_errors=True)


def _answers() -> bool:
    return subprocess.run(["systemctl", "--user", "show-environment"], capture_output=True, check=False).returncode == 0


@pytest.fixture
def crontab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The real `crontab` with an empty spool of its own; yields the program."""
    program = shutil.which("crontab")
    if program is None:
        pytest.skip("cron is not installed")
    inside = (
        "mount -t tmpfs -o mode=755 none /var/spool/cron && mkdir -m 1730 /var/spool/cron/crontabs && "
        "chgrp crontab /var/spool/cron/crontabs; echo ready; exec sleep 300"
    )
    keeper = subprocess.Popen(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", inside], stdout=subprocess.PIPE
    )
    try:
        assert keeper.stdout is not None
        ready = keeper.stdout.readline() == b"ready\n"
        wrapper = tmp_path / "bin" / "crontab"
        wrapper.parent.mkdir()
        wrapper.write_text(f'#!/bin/sh\nexec nsenter --target {keeper.pid} --mount {program} "$@"\n')
        wrapper.chmod(0o755)
        listed = subprocess.run([wrapper, "-l"], capture_output=True, check=False)
        if not ready or b"no crontab" not in listed.stderr:
            pytest.skip("no crontab of its own can be made here")
        monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
        yield wrapper
    finally:
        keeper.kill()
        keeper.wait(20)
        if keeper.stdout:
            keeper.stdout.close()
