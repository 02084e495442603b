"""The wheel carries everything, and declares all that it needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, PROJECT],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_template_and_data_file(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    templates = {
        f"sheetsync/_templates/{file.relative_to(PROJECT / 'templates').as_posix()}" for file in files("templates")
    }
    data = {file.relative_to(PROJECT).as_posix() for file in files("sheetsync") if file.suffix == ".toml"}
    assert templates | data <= inside


def test_an_installed_wheel_makes_and_syncs_a_tracker_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "env"
    venv.create(environment, with_pip=True)
    scripts = environment / ("Scripts" if sys.platform == "win32" else "bin")
    installed = subprocess.run(
        [scripts / "python", "-m", "pip", "install", "--quiet", "--prefer-binary", wheel],
        check=False,
        capture_output=True,
        text=True,
    )
    if installed.returncode and "No matching distribution found for" in installed.stderr:
        pytest.skip("no package index can be reached from here")
    assert installed.returncode == 0, installed.stderr
    command = shutil.which("sheetsync", path=str(scripts))
    assert command is not None

    made = subprocess.run(
        [command, "init", "jobs.xlsx", "--sample"], cwd=tmp_path, check=False, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    synced = subprocess.run([command, "sync", "jobs.xlsx"], cwd=tmp_path, check=False, capture_output=True, text=True)
    assert synced.returncode == 0, synced.stderr
    # what only some need is not installed, and it is said how it is
    served = subprocess.run([command, "serve", "jobs.xlsx"], cwd=tmp_path, check=False, capture_output=True, text=True)
    assert (served.returncode, served.stdout) == (2, "")
    python = shutil.which("python", path=str(scripts))
    assert f"run `{python} -m pip install starlette uvicorn cryptography`" in " ".join(served.stderr.split())


def files(folder: str) -> list[Path]:
    return [file for file in (PROJECT / folder).rglob("*") if file.is_file() and "__pycache__" not in file.parts]
