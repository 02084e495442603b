"""`sheetsync schedule`: the entry in the system's own scheduler that runs the night."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sheetsync.cli.options import as_json, example, open_target, service_account
from sheetsync.cli.output import GAP, Block, Line, Table, clean, count, day, show, show_json
from sheetsync.errors import ReadOnlyFormatError, SheetsyncError, UsageError
from sheetsync.sheets.companions import settings_beside

if TYPE_CHECKING:
    from sheetsync.nightly.claim import Claim
    from sheetsync.nightly.schedule.entry import Kind, Night, Scheduler
    from sheetsync.nightly.schedule.status import Status, TargetState

_TIME: Final = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
_NAMES: Final = {
    "systemd": "systemd", "launchd": "launchd", "windows": "the Windows Task Scheduler", "cron": "cron",
}  # fmt: skip


def _read_time(ctx: click.Context, param: click.Parameter, value: str) -> dt.time:
    match = _TIME.fullmatch(value.strip())
    if match is None:
        raise click.BadParameter(f"{value!r} is no time of day: write it as hours:minutes, such as 02:30", ctx, param)
    return dt.time(int(match[1]), int(match[2]))


@click.group(
    no_args_is_help=False,
    epilog=example(
        "sheetsync schedule install tracker.xlsx --at 02:30",
        "sheetsync schedule status",
        "sheetsync schedule remove",
    ),
)
def command() -> None:
    """Let trackers be brought up to date every night, see how it went, or stop it.

    The system's own scheduler does it: systemd, launchd, the Windows Task Scheduler, or cron where nothing else is.
    Nothing of sheetsync's keeps running.
    """


@command.command(
    epilog=example(
        "sheetsync schedule install tracker.xlsx --at 02:30",
        "sheetsync schedule install tracker.xlsx clients.xlsx --at 04:15 --yes",
    )
)
@click.argument("targets", metavar="TARGET...", type=click.Path(), nargs=-1, required=True)
@click.option(
    "--at", callback=_read_time, default="02:30", show_default=True, metavar="HH:MM", help="When, every night."
)
@click.option(
    "--kind",
    type=click.Choice(["systemd", "launchd", "windows", "cron"]),
    help="Which scheduler; the system's own if it is not given.",
)
@click.option("--yes", is_flag=True, help="Install it without asking, and take the night over from another computer.")
@service_account
def install(
    targets: tuple[str, ...], *, at: dt.time, kind: Kind | None, yes: bool, service_account: str | None
) -> None:
    """Install the night for these trackers.

    It replaces one that was installed before. What is put where is shown before it is done.
    """
    from sheetsync.nightly.schedule.choose import find_scheduler
    from sheetsync.nightly.schedule.entry import make_night, save, saved

    now = dt.datetime.now().astimezone()
    key = str(Path(service_account).absolute()) if service_account else None
    named = tuple(dict.fromkeys(_absolute(target) for target in targets))
    claims = [_look(target, key, now) for target in named]
    night = make_night(named, at, key)
    scheduler = find_scheduler(kind)
    before = saved()
    taken = [(target, claim.machine) for target, claim in zip(named, claims, strict=True) if claim and claim.machine]
    show([Line(f"{clean(target)}: its night runs on {clean(machine)} so far.", "warn") for target, machine in taken])
    if before and before[0] == night and before[1] == scheduler.kind and scheduler.is_installed(night) and not taken:
        show([Line(f"This is installed already: every night at {night.at:%H:%M}, by {_NAMES[scheduler.kind]}.")])
        show(_claimed(named, claims))
        return
    show(_shown(scheduler, night))
    question = "Take the night over and install this?" if taken else "Install this?"
    if not _agreed(question if before is None else f"{question[:-1]} in place of what was installed?", yes=yes):
        show([Line("Nothing was installed.")])
        return
    if before and before[1] != scheduler.kind:
        _take_out(before[1])
    scheduler.install(night)
    save(night, scheduler.kind, now)
    show([GAP, *_installed(scheduler, night, now), *_claimed(named, claims)])
    if taken:
        machines = " and ".join(dict.fromkeys(clean(machine) for _, machine in taken))
        show([Line(f"On {machines} run `sheetsync schedule remove`, so that it stops there.", "warn")])


@command.command(epilog=example("sheetsync schedule status", "sheetsync schedule status --json"))
@as_json
def status(*, as_json: bool) -> int:
    """Show how the last night went, and what is to be done.

    It says for each tracker how it went, and when the next night is. The exit code is 1 if something is to be done.
    """
    from sheetsync.nightly.schedule.status import status as look

    now = dt.datetime.now().astimezone()
    found = look(now)
    if as_json:
        show_json(_as_json(found))
    elif found is None:
        show([Line("Nothing is installed: `sheetsync schedule install TARGET --at 02:30` sets it up.")])
    else:
        show(_blocks(found, now))
    return 1 if found and found.todo else 0


@command.command(epilog=example("sheetsync schedule remove"))
def remove() -> None:
    """Take the night out of the scheduler again. The trackers stay as they are."""
    from sheetsync.nightly.schedule.choose import SCHEDULERS
    from sheetsync.nightly.schedule.entry import FILE, saved
    from sheetsync.nightly.state import forget

    found = saved()
    if found:
        gone = _take_out(found[1])
    else:
        taken = [SCHEDULERS[kind]().available() and _take_out(kind) for kind in SCHEDULERS]
        gone = any(taken)
    forget(FILE)
    if not found and not gone:
        show([Line("Nothing was installed.")])
        return
    show([Line("The night is taken out: trackers are brought up to date when you run `sheetsync sync`.")])
    if found:
        now = dt.datetime.now().astimezone()
        for target in found[0].targets:
            _unclaim(target, found[0].service_account, now)


def _absolute(target: str) -> str:
    """A target as it is known from everywhere. Raises UsageError for one that cannot be synced."""
    from sheetsync.sheets.google.address import is_google

    if is_google(target):
        return target
    if target.lower().endswith(".csv"):
        raise ReadOnlyFormatError(target)
    return os.path.abspath(target)  # noqa: PTH100 - Path.absolute keeps "..", and a link to a file stays a link


def _look(target: str, key: str | None, now: dt.datetime) -> Claim | None:
    """Read the tracker, which must be one; None for a folder. Raises SheetsyncError."""
    from sheetsync.nightly.claim import look
    from sheetsync.nightly.folders import trackers_in

    if Path(target).is_dir():
        trackers_in(target)
        return None
    return look(open_target(target, key), as_of=now, toml=settings_beside(target))


def _take_out(kind: Kind) -> bool:
    from sheetsync.nightly.schedule.choose import SCHEDULERS

    return SCHEDULERS[kind]().remove()


def _agreed(question: str, *, yes: bool) -> bool:
    """Whether the person says so. Raises UsageError if nobody answers."""
    if yes:
        return True
    try:
        return click.confirm(question)
    except click.Abort:
        raise UsageError("Nothing was installed: nobody answered, and --yes was not given.") from None


def _claimed(named: tuple[str, ...], claims: list[Claim | None]) -> list[Block]:
    """Note in each tracker that this computer runs its night; what could not be noted is told."""
    from sheetsync.nightly.claim import note
    from sheetsync.nightly.machine import this_machine

    lines: list[Block] = []
    machine = this_machine(new=True)
    for target, claim in zip(named, claims, strict=True):
        if claim is None:
            continue
        if claim.place is None:
            command = f"sheetsync add {_quoted(target)} settings"
            lines.append(
                Line(
                    f"{clean(target)} has no Settings sheet, so another computer cannot see that its night runs here: "
                    f"`{command}` makes one, then install again.",
                    "quiet",
                )
            )
            continue
        try:
            if note(claim, machine):
                lines.append(
                    Line(f"{clean(target)}: noted on its Settings sheet that its night runs on this computer.")
                )
        except SheetsyncError as error:
            lines.append(Line(f"That its night runs here was not noted: {error}", "warn"))
    return lines


def _unclaim(target: str, key: str | None, now: dt.datetime) -> None:
    """Take the note out again, if it names this computer and the tracker is within reach."""
    from sheetsync.nightly.claim import note

    try:
        claim = _look(target, key, now)
        if claim and claim.machine is None:
            note(claim, None)
    except SheetsyncError as error:
        show([Line(f"Its Settings sheet may still say that its night runs here: {error}", "quiet")])


def _shown(scheduler: Scheduler, night: Night) -> list[Block]:
    """What will be put where."""
    blocks: list[Block] = [Line(f"This goes into {_NAMES[scheduler.kind]}:"), GAP]
    for piece in scheduler.pieces(night):
        blocks += [Line(piece.place, "title"), *(Line(f"  {line}") for line in piece.text.splitlines()), GAP]
    return blocks


def _installed(scheduler: Scheduler, night: Night, now: dt.datetime) -> list[Block]:
    from sheetsync.cli.place import computer_time_zone
    from sheetsync.nightly.schedule.choose import missing_night
    from sheetsync.nightly.schedule.status import next_time

    standing = scheduler.standing()
    first = (standing.next or next_time(night.at, now)).astimezone()
    lines: list[Block] = [
        Line(
            f"Installed in {_NAMES[scheduler.kind]}: every night at {night.at:%H:%M}, for "
            f"{count(len(night.targets), 'tracker')}; the first is {_moment(first, now)}."
        ),
        Line(scheduler.catches_up),
    ]
    if standing.logged_out is False:
        lines.append(Line(_logged_out(standing.advice)))
    skipped = missing_night(night.at, computer_time_zone(), now.date())
    if skipped and scheduler.kind == "systemd":
        lines.append(
            Line(
                f"On {day(skipped, now.date())} clocks go forward over {night.at:%H:%M}, and systemd leaves that night out; "
                "a time such as 04:30 is there every night."
            )
        )
    if scheduler.kind == "windows" and night.environment:
        names = ", ".join(night.environment)
        lines.append(Line(f"A task of Windows has no variables of its own: set {names} for your account with `setx`."))
    return lines


def _blocks(found: Status, now: dt.datetime) -> list[Block]:
    standing = found.standing
    facts = [("Last night", _last(found, now))]
    if found.next:
        facts.append(("Next", _moment(found.next, now)))
    if standing.logged_out is not None:
        facts.append(("Logged out", "it runs then too" if standing.logged_out else _logged_out(standing.advice)))
    blocks: list[Block] = [
        Line(
            f"Every night at {found.night.at:%H:%M}, by {_NAMES[found.kind]}, for {count(len(found.targets), 'tracker')}.",
            "title",
        ),
        Table(("", ""), facts),
        GAP,
        Table(("Tracker", "Last night"), [(clean(each.target), _outcome(each)) for each in found.targets]),
    ]
    if found.todo:
        blocks += [GAP, Line("To do", "title"), *(Line(clean(sentence), "warn") for sentence in found.todo)]
    return blocks


def _last(found: Status, now: dt.datetime) -> str:
    if found.last is None:
        code = found.standing.exit_code
        return "it did not run yet" if code is None else f"it ended with exit code {code}, and left no record"
    failed = sum(target.outcome == "failed" for target in found.last.targets)
    ended = f"{count(failed, 'tracker')} failed" if failed else "all went well"
    return f"{_moment(found.last.began, now)}, {ended}"


def _outcome(each: TargetState) -> Line:
    if not each.there:
        return Line("not there any more", "warn")
    if each.run is None:
        return Line("not yet", "quiet")
    words = {"written": "brought up to date", "unchanged": "nothing new", "failed": "failed"}
    said = f": {clean(each.run.told)}" if each.run.told and each.run.outcome == "failed" else ""
    return Line(f"{words[each.run.outcome]}{said}", "warn" if each.run.outcome == "failed" else "")


def _logged_out(advice: str) -> str:
    more = f"; `{advice}` makes it run then too" if advice else ""
    return f"It runs only while you are logged in{more}."


def _moment(moment: dt.datetime, now: dt.datetime) -> str:
    return f"{day(moment.date(), now.date())} {moment:%H:%M}"


def _quoted(target: str) -> str:
    import shlex

    return shlex.quote(target)


def _as_json(found: Status | None) -> dict[str, Any]:
    if found is None:
        return {"installed": False}
    last, standing = found.last, found.standing
    return {
        "installed": standing.installed,
        "kind": found.kind,
        "at": f"{found.night.at:%H:%M}",
        "command": list(found.night.command),
        "last": {"began": last.began.isoformat(), "ended": last.ended.isoformat()} if last else None,
        "exit_code": standing.exit_code,
        "next": found.next.isoformat() if found.next else None,
        "logged_out": standing.logged_out,
        "targets": [
            {
                "target": each.target,
                "there": each.there,
                "outcome": each.run.outcome if each.run else None,
                "exit_code": each.run.exit_code if each.run else None,
                "told": each.run.told if each.run else None,
            }
            for each in found.targets
        ],
        "todo": list(found.todo),
    }
