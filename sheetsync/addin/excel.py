"""Excel's task pane put in place and taken away: what each system wants of its manifest, its registry, its certificates.

What is to be done is a list of steps first, so that it can be shown before it is done, and looked at on any system.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from sheetsync.addin.addresses import PANE_ORIGIN
from sheetsync.addin.certificates import AUTHORITY_NAME, Kept, folder
from sheetsync.errors import UnreadableFileError, UnwritableFileError, UsageError
from sheetsync.resources import templates
from sheetsync.sheets.placing import replace_whole, worded

System = Literal["Windows", "Darwin"]
"""As `platform.system` calls them: Darwin is a Mac."""
ID: Final = "5e1c7a54-2f0d-4f7b-9a63-0b8d6c9e41d7"
"""By which Excel knows the add-in; the manifest says the same."""
REGISTRY_KEY: Final = r"Software\Microsoft\Office\16.0\Wef\Developer"
"""Below HKEY_CURRENT_USER: a value for each add-in that is under development, named by its id, holds its manifest's path."""
MANIFEST: Final = "manifest.xml"
_WEF: Final = Path("Library/Containers/com.microsoft.Excel/Data/Documents/wef")
"""Below a Mac's home: the manifests in it are those of the person's own add-ins."""
_KEYCHAIN: Final = Path("Library/Keychains/login.keychain-db")
_PATIENCE: Final = 300.0
"""Seconds for a person to answer what the system asks."""


class Registry(Protocol):
    """The values of one key of the registry."""

    def get(self, name: str) -> str | None:
        """A value's text; None if there is none."""
        ...

    def put(self, name: str, text: str) -> None:
        """Make or replace a value."""
        ...

    def drop(self, name: str) -> bool:
        """Delete a value; answer whether it was there."""
        ...


@dataclass(frozen=True, slots=True)
class Manifest:
    """A step: the manifest into a file."""

    path: Path
    text: str

    def __str__(self) -> str:
        return f"write the manifest {self.path}"


@dataclass(frozen=True, slots=True)
class Value:
    """A step: a value of the registry."""

    name: str
    text: str

    def __str__(self) -> str:
        return rf"set HKEY_CURRENT_USER\{REGISTRY_KEY}, value {self.name}, to {self.text}"


@dataclass(frozen=True, slots=True)
class Command:
    """A step: one of the system's own programs, which asks the person itself whether it may."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        quoted = [f'"{word}"' if " " in word else word for word in self.words]
        return f"run: {' '.join(quoted)}"


Step = Manifest | Value | Command


def manifest(version: str) -> str:
    """The add-in-only manifest of the pane, for this version of sheetsync."""
    numbers = [part for part in version.split(".")[:3] if part.isdigit()]
    text = (templates() / "addin" / "excel" / MANIFEST).read_text("utf-8")
    four = ".".join([*(numbers + ["0"] * 3)[:3], "0"])
    return text.replace("{{ version }}", four).replace("{{ origin }}", PANE_ORIGIN)


def manifest_path(system: System, home: Path) -> Path:
    """Where the system's Excel is to find the manifest."""
    return home / _WEF / f"sheetsync.{MANIFEST}" if system == "Darwin" else folder() / MANIFEST


def steps_in(system: System, kept: Kept, *, version: str, home: Path) -> tuple[Step, ...]:
    """What puts the pane in place once its certificates are made."""
    path = manifest_path(system, home)
    written = Manifest(path, manifest(version))
    trusted = Command(_trust(system, kept, home))
    return (written, Value(ID, str(path)), trusted) if system == "Windows" else (written, trusted)


def distrust(system: System, kept: Kept, *, home: Path) -> Command:
    """What makes the system forget the certificates' authority."""
    if system == "Windows":
        return Command(("certutil", "-user", "-delstore", "Root", kept.fingerprint))
    return Command(("security", "delete-certificate", "-Z", kept.fingerprint, "-t", str(home / _KEYCHAIN)))


def is_trusted(system: System, kept: Kept, *, home: Path) -> bool:
    """Whether the authority is where the system keeps what it trusts."""
    words = (
        ("certutil", "-user", "-store", "Root", kept.fingerprint)
        if system == "Windows"
        else ("security", "find-certificate", "-a", "-Z", "-c", AUTHORITY_NAME, str(home / _KEYCHAIN))
    )
    try:
        done = _run(words)
    except UsageError:
        return False
    return done.returncode == 0 and (system == "Windows" or kept.fingerprint.encode() in done.stdout)


def carry_out(steps: Iterable[Step], registry: Registry | None) -> None:
    """Do the steps but for the commands. Raises UnwritableFileError."""
    for step in steps:
        if isinstance(step, Manifest):
            try:
                step.path.parent.mkdir(parents=True, exist_ok=True)
                replace_whole(step.path, step.text.encode())
            except OSError as error:
                raise UnwritableFileError(str(step.path), f"{worded(error)}.") from None
        elif isinstance(step, Value) and registry is not None:
            registry.put(step.name, step.text)


def carry_out_command(command: Command) -> int:
    """Run a system's program to its end; its exit code. Raises UsageError if there is none or it does not end."""
    return _run(command.words).returncode


def take_out(system: System, registry: Registry | None, *, home: Path) -> tuple[str, ...]:
    """Delete the manifest and its value in the registry; answer what was there. Raises UnwritableFileError."""
    gone: list[str] = []
    path = manifest_path(system, home)
    try:
        path.unlink()
        gone.append(str(path))
    except FileNotFoundError:
        pass
    except OSError as error:
        raise UnwritableFileError(str(path), f"{worded(error)}.") from None
    if registry is not None and registry.drop(ID):
        gone.append(rf"HKEY_CURRENT_USER\{REGISTRY_KEY}, value {ID}")
    return tuple(gone)


def is_in_place(system: System, registry: Registry | None, *, version: str, home: Path) -> bool:
    """Whether Excel would find the manifest of this version. Raises UnreadableFileError."""
    path = manifest_path(system, home)
    try:
        if path.read_text("utf-8") != manifest(version):
            return False
    except FileNotFoundError:
        return False
    except (OSError, UnicodeDecodeError):
        raise UnreadableFileError(str(path), "look at who may read it.") from None
    return registry is None or registry.get(ID) == str(path)


class WindowsRegistry:
    """The key itself, on Windows; it is made when something is put there."""

    def __init__(self) -> None:
        import importlib

        self._winreg: Any = importlib.import_module("winreg")  # there is none elsewhere

    def get(self, name: str) -> str | None:
        winreg = self._winreg
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, REGISTRY_KEY) as key:
                text, kind = winreg.QueryValueEx(key, name)
        except FileNotFoundError:
            return None
        return str(text) if kind == winreg.REG_SZ else None

    def put(self, name: str, text: str) -> None:
        winreg = self._winreg
        with winreg.CreateKeyEx(winreg.HKEY_CURRENT_USER, REGISTRY_KEY) as key:
            winreg.SetValueEx(key, name, 0, winreg.REG_SZ, text)

    def drop(self, name: str) -> bool:
        winreg = self._winreg
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, REGISTRY_KEY, 0, winreg.KEY_SET_VALUE) as key:
                winreg.DeleteValue(key, name)
        except FileNotFoundError:
            return False
        return True


def _trust(system: System, kept: Kept, home: Path) -> tuple[str, ...]:
    if system == "Windows":
        return ("certutil", "-user", "-addstore", "Root", str(kept.authority))
    keychain = str(home / _KEYCHAIN)
    return ("security", "add-trusted-cert", "-r", "trustRoot", "-p", "ssl", "-k", keychain, str(kept.authority))


def _run(words: tuple[str, ...]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(words, capture_output=True, check=False, timeout=_PATIENCE)  # noqa: S603 - no shell
    except FileNotFoundError:
        raise UsageError(f"There is no {words[0]} on this computer.") from None
    except (OSError, subprocess.TimeoutExpired):
        raise UsageError(f"{words[0]} does not answer: run it yourself.") from None
