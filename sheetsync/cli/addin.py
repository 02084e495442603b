"""`sheetsync addin`: the follow-ups inside the spreadsheet program."""

from __future__ import annotations

import datetime as dt
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sheetsync import __version__
from sheetsync.cli.addin_calc import calc
from sheetsync.cli.addin_google import google
from sheetsync.cli.options import as_json, example
from sheetsync.cli.output import GAP, Block, Line, Table, clean, count, show, show_json
from sheetsync.errors import SheetsyncError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sheetsync.addin.certificates import Kept
    from sheetsync.addin.excel import Command, Registry, System
    from sheetsync.nightly.doctor.finding import Finding

_ELSEWHERE: Final = (
    "Excel's task pane needs Excel on Windows or on a Mac. Here `sheetsync serve tracker.xlsx` shows the same page in your "
    "browser, and `sheetsync addin calc` puts the follow-ups into LibreOffice."
)
_WORDS: Final = {"ok": Line("ok   ", "good"), "note": Line("note ", "quiet"), "do": Line("to do", "warn")}
_SYSTEMS: Final = {"windows": "Windows", "mac": "Darwin"}


@click.group(
    no_args_is_help=False,
    epilog=example(
        "sheetsync addin install", "sheetsync addin calc", "sheetsync addin google", "sheetsync addin doctor"
    ),
)
def command() -> None:
    """Put the follow-ups into Excel, LibreOffice or Google Sheets, examine that, or take it out."""


command.add_command(calc)
command.add_command(google)


@command.command(
    epilog=example(
        "sheetsync addin install", "sheetsync addin install --dry-run", "sheetsync addin install --dry-run --for mac"
    )
)
@click.option("--dry-run", is_flag=True, help="Show what would be put where, and do nothing.")
@click.option(
    "--for", "system", type=click.Choice(["windows", "mac"]), help="The system to show it for; with --dry-run only."
)
@click.option("--yes", is_flag=True, help="Do it without asking; the system may still ask whether it is to trust.")
def install(*, dry_run: bool, system: str | None, yes: bool) -> None:
    """Put the task pane into Excel on this Windows computer or Mac.

    It makes a certificate that is good for this computer alone, puts the pane's manifest where Excel looks for it, and has
    the system trust the certificate, which it asks you about. Then start `sheetsync serve --pane` and click Follow-ups on
    Excel's Home tab. Nothing is sent anywhere, and no administrator is needed.
    """
    from sheetsync.addin import certificates, excel

    if system and not dry_run:
        raise UsageError("--for shows the steps for another system, so it goes with --dry-run.")
    now = dt.datetime.now().astimezone()
    wanted = _system(system)
    kept = certificates.kept()
    renew = kept is None or kept.is_ending(now)
    if dry_run:
        planned = kept if kept is not None and not renew else _planned(now)
        show([Line("This would be done:", "title"), *_steps(wanted, planned, renew=renew)])
        return
    if not renew and kept is not None and _is_whole(wanted, kept):
        show([Line("The pane is installed already."), *_next()])
        return
    show([Line("To be done:", "title"), *_steps(wanted, _planned(now) if kept is None or renew else kept, renew=renew)])
    if not (yes or click.confirm("Do this?")):
        show([Line("Nothing was installed.")])
        return
    if kept is not None and renew:
        _run(excel.distrust(wanted, kept, home=Path.home()))
    if kept is None or renew:
        kept = certificates.make(now)
    steps = excel.steps_in(wanted, kept, version=__version__, home=Path.home())
    excel.carry_out(steps, _registry(wanted))
    for step in steps:
        if isinstance(step, excel.Command):
            _run(step)
    show([GAP, Line("The pane is installed.", "good"), *_next()])


@command.command(epilog=example("sheetsync addin doctor"))
@as_json
def doctor(*, as_json: bool) -> int:
    """Examine the task pane: its certificate, its manifest, and whether the system trusts it.

    The certificate is to be renewed 30 days before its end. The exit code is 1 if something is to be done.
    """
    found = list(_examined())
    todo = sum(finding.level == "do" for finding in found)
    if as_json:
        show_json({"ok": not todo, "checks": [{"topic": f.topic, "level": f.level, "told": f.told} for f in found]})
        return 1 if todo else 0
    rows = [(_WORDS[finding.level], f"{finding.topic:11}", clean(finding.told)) for finding in found]
    blocks: list[Block] = [Line("Excel's task pane", "title"), Table(("", "", ""), rows), GAP]
    blocks.append(Line("All is well." if not todo else f"{count(todo, 'thing')} to do.", "warn" if todo else "good"))
    show(blocks)
    return 1 if todo else 0


@command.command(epilog=example("sheetsync addin uninstall"))
@click.option("--yes", is_flag=True, help="Do it without asking; the system may still ask.")
def uninstall(*, yes: bool) -> None:
    """Take the task pane out of Excel again: manifest, registry entry, certificate and trust.

    Your trackers stay as they are.
    """
    from sheetsync.addin import certificates, excel

    system, home = _here(), Path.home()
    kept = _kept_if_readable()
    if not (yes or click.confirm("Take the pane's manifest and certificates away?")):
        show([Line("Nothing was taken away.")])
        return
    gone: list[str] = []
    if system is not None:
        gone += excel.take_out(system, _registry(system), home=home)
        if kept is not None:
            _run(excel.distrust(system, kept, home=home))
    if certificates.forget():
        gone.append(f"the certificates in {certificates.folder()}")
    if not gone:
        show([Line("Nothing of the pane was here.")])
        return
    show([Line("Taken away:", "title"), *(Line(f"  {clean(each)}") for each in gone)])


@command.command(epilog=example("sheetsync addin exchange < asked.json"))
def exchange() -> int:
    """Answer one request of an extension: its workbook comes in as JSON, what is to be changed goes out.

    It is what the extension of LibreOffice runs. The format is in docs/addin.md; no file is read and none is written.
    """
    from sheetsync.addin import asking
    from sheetsync.addin.exchange import exchanged

    try:
        data = sys.stdin.buffer.read(asking.LARGEST_BOOK + 1)
        if len(data) > asking.LARGEST_BOOK:
            raise UsageError("The workbook is too large to be sent: sync its file instead.")
        body = asking.parse(data)
        name = body.pop("do", None)
        if name not in asking.NAMES - {"pair", "undo"}:
            raise UsageError('The request does not say what to do: "do" is today, row, sync, log or draft.')
        asked = asking.read(name, body, with_book=True)
        said = exchanged(asked, as_of=dt.datetime.now().astimezone())
    except SheetsyncError as error:
        show_json({"error": str(error), "code": error.exit_code})
        return error.exit_code
    show_json(said)
    return 0


def _here() -> System | None:
    """This system, if Excel has task panes on it."""
    system = platform.system()
    return system if system in ("Windows", "Darwin") else None  # type: ignore[return-value]


def _system(asked: str | None) -> System:
    """The system to install on. Raises UsageError where Excel has no task panes."""
    found = _SYSTEMS[asked] if asked else _here()
    if found is None:
        raise UsageError(_ELSEWHERE)
    return found  # type: ignore[return-value]


def _is_whole(system: System, kept: Kept) -> bool:
    """Whether nothing is left to be done."""
    from sheetsync.addin import excel

    home = Path.home()
    return excel.is_in_place(system, _registry(system), version=__version__, home=home) and excel.is_trusted(
        system, kept, home=home
    )


def _registry(system: System) -> Registry | None:
    from sheetsync.addin.excel import WindowsRegistry

    return WindowsRegistry() if system == "Windows" else None


def _planned(now: dt.datetime) -> Kept:
    """The certificates as they will lie, for a plan."""
    from sheetsync.addin.certificates import LIFETIME, Kept, folder

    place = folder()
    return Kept(place / "authority.pem", place / "chain.pem", place / "key.pem", now + LIFETIME, "")


def _kept_if_readable() -> Kept | None:
    from sheetsync.addin import certificates

    try:
        return certificates.kept()
    except SheetsyncError:
        return None


def _steps(system: System, kept: Kept, *, renew: bool) -> list[Block]:
    from sheetsync.addin.excel import steps_in

    told = (
        [f"make a certificate for localhost in {kept.chain.parent}, good until {kept.ends:%Y-%m-%d}"] if renew else []
    )
    told += [str(step) for step in steps_in(system, kept, version=__version__, home=Path.home())]
    return [Line(f"  {number}. {clean(each)}") for number, each in enumerate(told, start=1)]


def _run(command: Command) -> None:
    """Run one of the system's programs; where it refuses, say what to run."""
    from sheetsync.addin.excel import carry_out_command

    try:
        refused = carry_out_command(command) != 0
    except UsageError:
        refused = True
    if refused:
        words = str(command).removeprefix("run: ")
        show([Line(f"The system did not do this, so do it yourself: {clean(words)}", "warn")])


def _next() -> list[Block]:
    return [
        Line("Start `sheetsync serve --pane`, open your tracker in Excel, and click Follow-ups on the Home tab."),
        Line("If the button is not there: Home, Add-ins, Developer Add-ins (on a Mac: Insert, My Add-ins)."),
    ]


def _examined() -> Iterator[Finding]:
    from sheetsync.addin import certificates, excel
    from sheetsync.nightly.doctor.finding import Finding, guarded

    system, home, now = _here(), Path.home(), dt.datetime.now().astimezone()
    if system is None:
        yield Finding("system", "note", _ELSEWHERE)

    def certificate() -> Iterator[Finding]:
        kept = certificates.kept()
        if kept is None:
            level, told = (
                ("do", "There is none: run `sheetsync addin install`.") if system else ("note", "There is none.")
            )
            yield Finding("certificate", level, told)  # type: ignore[arg-type]
            return
        if kept.is_ending(now):
            ended = "ended" if now >= kept.ends else "ends"
            told = f"It {ended} on {kept.ends:%Y-%m-%d}: run `sheetsync addin install` to renew it."
            yield Finding("certificate", "do", told)
        else:
            yield Finding("certificate", "ok", f"Good for localhost until {kept.ends:%Y-%m-%d}.")
        if system is not None:
            good = excel.is_trusted(system, kept, home=home)
            told = "The system trusts it." if good else "The system does not trust it: run `sheetsync addin install`."
            yield Finding("trust", "ok" if good else "do", told)

    def manifest() -> Iterator[Finding]:
        if system is None:
            return
        good = excel.is_in_place(system, _registry(system), version=__version__, home=home)
        place = excel.manifest_path(system, home)
        told = (
            f"Excel finds it: {place}" if good else "Excel does not find this version's: run `sheetsync addin install`."
        )
        yield Finding("manifest", "ok" if good else "do", told)

    yield from guarded("certificate", certificate)
    yield from guarded("manifest", manifest)
