"""A process watched at its system calls: it can be killed before or after any of them, or a call can be made to fail.

Only for Linux on x86-64, by ptrace(2); `available` tells why not elsewhere.
"""

from __future__ import annotations

import ctypes
import functools
import os
import platform
import signal
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# linux/ptrace.h
_TRACEME: Final = 0
_POKEUSER: Final = 6
_SYSCALL: Final = 24
_SETOPTIONS: Final = 0x4200
_GET_SYSCALL_INFO: Final = 0x420E
_OPTIONS: Final = 0x1 | 0x100000
"""Mark the stops at system calls, and kill the process if its watcher dies."""
_AT_CALL: Final = signal.SIGTRAP | 0x80
_ENTRY: Final = 1
_NUMBER: Final = struct.Struct("=24xQ6Q")
"""ptrace_syscall_info of an entry: the call's number, six arguments."""
# sys/reg.h: places in the user area of x86-64
_RAX: Final = 10 * 8
_ORIG_RAX: Final = 15 * 8

_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

# asm/unistd_64.h: number -> name, and which argument names the file: "f1" a descriptor, "p0" a path, "d0" a folder's
# descriptor with a path behind it
_CALLS: Final[dict[int, tuple[str, tuple[str, ...]]]] = {
    1: ("write", ("f0",)), 18: ("pwrite64", ("f0",)), 20: ("writev", ("f0",)), 2: ("open", ("p0",)),
    257: ("openat", ("d0",)), 85: ("creat", ("p0",)), 74: ("fsync", ("f0",)), 75: ("fdatasync", ("f0",)),
    76: ("truncate", ("p0",)), 77: ("ftruncate", ("f0",)), 285: ("fallocate", ("f0",)),
    82: ("rename", ("p0", "p1")), 264: ("renameat", ("d0", "d2")), 316: ("renameat2", ("d0", "d2")),
    86: ("link", ("p0", "p1")), 265: ("linkat", ("d0", "d2")), 88: ("symlink", ("p1",)), 266: ("symlinkat", ("d1",)),
    87: ("unlink", ("p0",)), 263: ("unlinkat", ("d0",)), 84: ("rmdir", ("p0",)),
    83: ("mkdir", ("p0",)), 258: ("mkdirat", ("d0",)),
    90: ("chmod", ("p0",)), 91: ("fchmod", ("f0",)), 268: ("fchmodat", ("d0",)), 452: ("fchmodat2", ("d0",)),
    92: ("chown", ("p0",)), 93: ("fchown", ("f0",)), 94: ("lchown", ("p0",)), 260: ("fchownat", ("d0",)),
    280: ("utimensat", ("d0",)), 188: ("setxattr", ("p0",)), 189: ("lsetxattr", ("p0",)), 190: ("fsetxattr", ("f0",)),
    326: ("copy_file_range", ("f2",)), 40: ("sendfile", ("f0",)), 73: ("flock", ("f0",)),
}  # fmt: skip
_FLAGS: Final = {2: 1, 257: 2}
"""Which argument of a call that opens holds the flags."""


@dataclass(frozen=True, slots=True)
class Call:
    """A system call that changes something in one of the folders watched."""

    name: str
    path: str
    """What it is done to; of two, the last one in a folder that is watched."""
    creates: bool = False


@dataclass(frozen=True, slots=True)
class Blow:
    """What befalls a process at one of its calls: it dies, or the call fails."""

    at: int
    """The call, counted from 0."""
    after: bool = False
    """It dies when the call is done, not before it."""
    error: int = 0
    """Instead of dying, the call fails with this errno ..."""
    only: tuple[str, ...] = ()
    """... and so do all later ones of these names."""


@functools.cache
def available() -> str:
    """Why processes cannot be watched here, or nothing."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "system calls are watched on Linux on x86-64 only"
    child = os.fork()
    if child == 0:
        stop_for_watcher()
        os._exit(0)
    _, status = os.waitpid(child, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        return "ptrace is not allowed here"
    refused = _ptrace(_SETOPTIONS, child, data=_OPTIONS) < 0
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "ptrace is not allowed here" if refused else ""


def stop_for_watcher() -> None:
    """In the child: be watched by the parent, and wait for it."""
    if _ptrace(_TRACEME, 0) < 0:
        os._exit(99)
    os.kill(os.getpid(), signal.SIGSTOP)


def watch(child: int, folders: Sequence[str], blow: Blow | None) -> tuple[int, list[Call]]:
    """Let a child that waits in `stop_for_watcher` run to its end: its exit code or minus its signal, and its calls."""
    os.waitpid(child, 0)
    _ptrace(_SETOPTIONS, child, data=_OPTIONS)
    watched = _Watched(child, folders, blow)
    passed_on = 0
    while _ptrace(_SYSCALL, child, data=passed_on) >= 0:
        _, status = os.waitpid(child, 0)
        if not os.WIFSTOPPED(status):
            return os.waitstatus_to_exitcode(status), watched.calls
        passed_on = 0 if os.WSTOPSIG(status) == _AT_CALL else os.WSTOPSIG(status)
        if not passed_on:
            watched.at_a_call()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), watched.calls


class _Watched:
    """A child at its calls: each one stops it twice, on the way in and on the way out."""

    def __init__(self, child: int, folders: Sequence[str], blow: Blow | None) -> None:
        self.calls: list[Call] = []
        self._child = child
        self._folders = folders
        self._blow = blow
        self._inside = False
        """Whether the child is in a call that counts."""
        self._error = 0
        """What that call is to fail with."""
        self._info = ctypes.create_string_buffer(96)

    def at_a_call(self) -> None:
        _ptrace(_GET_SYSCALL_INFO, self._child, address=96, data=ctypes.addressof(self._info))
        if self._info.raw[0] == _ENTRY:
            number, *arguments = _NUMBER.unpack_from(self._info.raw)
            self._enter(number, arguments)
        elif self._inside:
            self._inside = False
            self._leave()

    def _enter(self, number: int, arguments: Sequence[int]) -> None:
        call = _concerning(self._child, number, arguments, self._folders) if number in _CALLS else None
        self._inside = call is not None
        if call is None:
            return
        self.calls.append(call)
        self._error = self._error_of(call)
        if self._error:
            _ptrace(_POKEUSER, self._child, address=_ORIG_RAX, data=-1)  # no call at all
        elif self._struck(after=False):
            os.kill(self._child, signal.SIGKILL)  # ptrace(2): the call is not made any more

    def _leave(self) -> None:
        if self._error:
            _ptrace(_POKEUSER, self._child, address=_RAX, data=-self._error)
        elif self._struck(after=True):
            os.kill(self._child, signal.SIGKILL)

    def _struck(self, *, after: bool) -> bool:
        blow = self._blow
        return blow is not None and not blow.error and blow.after == after and blow.at == len(self.calls) - 1

    def _error_of(self, call: Call) -> int:
        blow, number = self._blow, len(self.calls) - 1
        if blow is None or number < blow.at:
            return 0
        alike = call.name in blow.only or (call.creates and "creates" in blow.only)
        return blow.error if number == blow.at or alike else 0


def _concerning(child: int, number: int, arguments: Sequence[int], folders: Sequence[str]) -> Call | None:
    """The call, if it changes something in one of the folders."""
    name, places = _CALLS[number]
    flags = arguments[_FLAGS[number]] if number in _FLAGS else 0
    if number in _FLAGS and not flags & _WRITING:
        return None
    found = ""
    for place in places:
        path = _path(child, place[0], arguments[int(place[1]) :])
        if any(path == folder or path.startswith(folder + os.sep) for folder in folders):
            found = path
    return Call(name, found, bool(flags & os.O_CREAT)) if found else None


def _path(child: int, kind: str, arguments: Sequence[int]) -> str:
    if kind == "f":
        return _link(child, f"fd/{_signed(arguments[0])}")
    folder = _signed(arguments[0]) if kind == "d" else -100
    text = _text(child, arguments[1 if kind == "d" else 0])
    base = _link(child, "cwd" if folder == -100 else f"fd/{folder}")
    return os.path.normpath(os.path.join(base, text)) if text else base  # noqa: PTH118 - text, not a file of ours


def _signed(value: int) -> int:
    return struct.unpack("=i", struct.pack("=I", value & 0xFFFFFFFF))[0]  # type: ignore[no-any-return]


def _link(child: int, name: str) -> str:
    try:
        return str(Path(f"/proc/{child}/{name}").readlink())
    except OSError:
        return ""


def _text(child: int, address: int) -> str:
    """A C string of the child's."""
    if not address:
        return ""
    with open(f"/proc/{child}/mem", "rb", buffering=0) as memory:  # noqa: PTH123 - no file but a process's memory
        memory.seek(address)
        data = b""
        while b"\0" not in data and len(data) < 4096:
            piece = memory.read(256 - (address + len(data)) % 256)
            if not piece:
                break
            data += piece
    return os.fsdecode(data.partition(b"\0")[0])


@functools.cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    libc.ptrace.restype = ctypes.c_long
    return libc


def _ptrace(request: int, child: int, *, address: int = 0, data: int = 0) -> int:
    """ptrace(2); minus one if it failed."""
    result: int = _libc().ptrace(request, child, address or None, data & 0xFFFFFFFFFFFFFFFF if data else None)
    return result
