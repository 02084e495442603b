"""`sheetsync share`: what a coach may see, as a copy of its own."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sheetsync.cli.acting import act_on
from sheetsync.cli.options import Asked, as_json, example, open_target, read_day, reads_tracker, say, target
from sheetsync.cli.output import GAP, Line, clean, show, show_json
from sheetsync.cli.share_shown import one_sheet, share_json, share_text, show_given, show_shares
from sheetsync.errors import ReadOnlyFormatError, SourceChangedError, UsageError
from sheetsync.sheets.companions import settings_beside
from sheetsync.sheets.files import wait_for_lock
from sheetsync.sheets.google.address import is_google

if TYPE_CHECKING:
    from sheetsync.cli.sharing import Given, Terms
    from sheetsync.coach.copying import Copy
    from sheetsync.records.reading import Reading, Records


@click.command(
    epilog=example(
        "sheetsync share tracker.xlsx --out coach.xlsx",
        'sheetsync share tracker.xlsx --out coach.xlsx --hide company --show location --for "Dana Reyes"',
        "sheetsync share tracker.xlsx --out coach.xlsx --only-due --yes",
        "sheetsync share https://docs.google.com/spreadsheets/d/1AbC --with dana@example.com --until 2027-01-31",
        "sheetsync share tracker.xlsx --list",
    )
)
@target
@click.option("--out", type=click.Path(), metavar="FILE", help="Make the copy as this .xlsx file.")
@click.option("--with", "email", metavar="EMAIL", help="Make the copy at Google and share it with this account.")
@click.option(
    "--role",
    type=click.Choice(["commenter", "writer"]),
    default="commenter",
    show_default=True,
    help="With --with: what the coach may do there; a writer may write into the column Coach note.",
)
@click.option(
    "--until", callback=read_day, metavar="DATE", help="With --with: the last day; the nightly sync ends it then."
)
@click.option("--whole", is_flag=True, help="With --with: share the tracker itself, with everything in it.")
@click.option("--for", "whom", metavar="NAME", help="Whom the file is for; it stands in its title.")
@click.option(
    "--hide",
    multiple=True,
    metavar="COLUMN",
    help="Keep this at home: a field, a heading or a column's letter. Repeatable.",
)
@click.option("--show", "shown", multiple=True, metavar="COLUMN", help="Let this out all the same. Repeatable.")
@click.option("--only-due", is_flag=True, help="Only the threads that are overdue or due.")
@click.option("--list", "listing", is_flag=True, help="List who was given what.")
@click.option("--revoke", metavar="EMAIL", help="Take the right away from this account.")
@click.option("--dry-run", is_flag=True, help="Show what would go out and write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@reads_tracker
@as_json
def command(
    target: str,
    *,
    out: str | None,
    email: str | None,
    role: Any,
    until: dt.date | None,
    whole: bool,
    whom: str | None,
    hide: tuple[str, ...],
    shown: tuple[str, ...],
    only_due: bool,
    listing: bool,
    revoke: str | None,
    dry_run: bool,
    yes: bool,
    asked: Asked,
    as_json: bool,
) -> None:
    """Give a coach a redacted copy of the tracker.

    Private notes, pay, contact details, debriefs, the notes of the history and every column that sheetsync does not know
    stay at home, and so does every text that quotes them. You see what goes out and what stays before anything is made. The
    copy has a column Coach note; `sheetsync notes` brings back what is written there.
    """
    _check_options(out, email, revoke, listing=listing, whole=whole, until=until, whom=whom)
    if target.lower().endswith(".csv"):
        raise ReadOnlyFormatError(target)
    if out is not None and is_google(out):
        raise UsageError("--out makes a file: share over Google with --with EMAIL instead. Nothing was shared.")
    if listing:
        from sheetsync.cli.sharing import listed

        show_shares(target, listed(target, asked), asked.today, as_json=as_json)
        return
    if revoke:
        from sheetsync.cli.sharing import revoke as take_away

        show_given(target, take_away(target, asked, revoke), as_json=as_json)
        return
    if not (yes or dry_run) and (as_json or not sys.stdin.isatty()):
        raise UsageError(
            "Nobody is there to confirm what goes out: look at it with --dry-run, then add --yes. Nothing was shared."
        )
    if whole:
        _share_whole(target, asked, _terms(email or "", role, until, (), (), only_due=False), yes=yes, as_json=as_json)
        return
    _Sharing(
        target, asked, Path(out) if out is not None else None, whom or "", hide=hide, show=shown, only_due=only_due
    ).run(
        None if out else _terms(email or "", role, until, hide, shown, only_due=only_due),
        dry_run=dry_run,
        yes=yes,
        as_json=as_json,
    )


def _check_options(
    out: str | None,
    email: str | None,
    revoke: str | None,
    *,
    listing: bool,
    whole: bool,
    until: object,
    whom: str | None,
) -> None:
    """Raises UsageError for options that do not go together."""
    if sum((out is not None, email is not None, revoke is not None, listing)) != 1:
        raise UsageError(
            "Say how to share it: --out FILE for a file, --with EMAIL for a copy at Google, --list or --revoke EMAIL."
        )
    if email is None and (whole or until is not None):
        raise UsageError(
            f"{'--whole' if whole else '--until'} goes with --with EMAIL only: a file cannot be taken back."
        )
    if whom is not None and out is None:
        raise UsageError("--for goes with --out only: at Google the copy is for the account of --with.")


def _terms(
    email: str, role: Any, until: dt.date | None, hide: tuple[str, ...], show: tuple[str, ...], *, only_due: bool
) -> Terms:
    from sheetsync.cli.sharing import Terms

    return Terms(email, role, until, hide, show, only_due)


@dataclass
class _Sharing:
    """One copy, from looking to writing."""

    target: str
    asked: Asked
    out: Path | None
    whom: str
    hide: tuple[str, ...]
    show: tuple[str, ...]
    only_due: bool
    seen: list[Reading] = field(default_factory=list)

    def run(self, terms: Terms | None, *, dry_run: bool, yes: bool, as_json: bool) -> None:
        """Look, show, ask, write. `terms` are those of a copy at Google."""
        from sheetsync.coach.handing import Place
        from sheetsync.sync import propose

        if not dry_run and not is_google(self.target):
            wait_for_lock(Path(self.target))  # before anything is shown and asked
        place = Place(self.out, self.target) if self.out is not None else None
        source = open_target(self.target, self.asked.service_account)
        proposal = propose(
            source,
            as_of=self.asked.moment,
            options=self.asked.settings,
            toml=settings_beside(self.target),
            act=self._ready,
        )
        if place is not None:
            place.check_notes(self.seen[0])
        copy = self._copy(proposal)
        if not as_json:
            show(
                [
                    *share_text(
                        self.target, self.out, terms, copy, proposal.today, new_ids=self._new_ids(proposal.records)
                    ),
                    *one_sheet(proposal.layout),
                ]
            )
        goes = dry_run or yes or _agreed(self.out, terms)
        given: Given | None = None
        if goes and not dry_run:
            if place is None:
                from sheetsync.cli.sharing import share_with

                assert terms is not None  # noqa: S101  # one of the two is there
                given = share_with(self.target, self.asked, replace(terms, hide=copy.hide, show=copy.show))
            else:
                self._write(place, copy)
        written = goes and not dry_run
        if as_json:
            show_json(share_json(self.target, self.out, terms, copy, proposal.today, written=written, given=given))
        else:
            self._tell(written=written, dry_run=dry_run, given=given)

    def _write(self, place: Any, confirmed: Copy) -> None:
        """Give the tracker its ids and the line about this share, then make the file."""
        from sheetsync.records.reading import together
        from sheetsync.records.shares import FILE, Share, add_share, new_key

        key = new_key()

        def act(reading: Reading) -> Records:
            share = Share(
                self.whom or "coach",
                FILE,
                place.path.name,
                reading.today,
                None,
                confirmed.hide,
                confirmed.show,
                self.only_due,
                key=key,
            )
            return together(self._ready(reading), add_share(reading, share))

        outcome = act_on(self.target, self.asked, act)
        copy = self._copy(outcome.proposal, key)
        if _decided(copy) != _decided(confirmed):
            # another column came in between: what was not confirmed does not go out
            raise SourceChangedError(self.target)
        place.put(copy.book)

    def _ready(self, reading: Reading) -> Records:
        from sheetsync.coach.copying import ids_for

        self.seen[:] = [reading]
        return ids_for(reading)

    def _copy(self, proposal: Any, key: str = "") -> Copy:
        """The copy; without a key it is only looked at."""
        from sheetsync.coach.copying import copy_for

        decided: dict[str, Any] = {"hide": self.hide, "show": self.show, "only_due": self.only_due}
        return copy_for(self.seen[0], proposal, whom=self.whom, key=key, **decided)

    @staticmethod
    def _new_ids(records: Records) -> int:
        return len(records.owned.get("id", {}))

    def _tell(self, *, written: bool, dry_run: bool, given: Given | None) -> None:
        if not written:
            show([GAP, Line("Nothing was shared." if not dry_run else "This would be shared; nothing was written.")])
        elif given is not None:
            show([GAP, *(Line(clean(sentence)) for sentence in given.told), *([Line(given.url)] if given.url else [])])
        else:
            name = clean(str(self.out))
            show(
                [
                    GAP,
                    Line(f"Made {name}: send it to your coach yourself, nothing was sent."),
                    Line(
                        f"When it comes back, take the notes over with `sheetsync notes {clean(self.target)} --from {name}`."
                    ),
                ]
            )


def _decided(copy: Copy) -> set[tuple[str, str, bool]]:
    return {(column.key, column.name, column.shown) for column in copy.columns}


def _agreed(out: Path | None, terms: Terms | None) -> bool:
    """Whether the person says so."""
    if out is not None:
        return click.confirm(f"Make {clean(str(out))} with that?", err=True)
    assert terms is not None  # noqa: S101  # one of the two is there
    return click.confirm(f"Share that with {clean(terms.email)}?", err=True)


def _share_whole(target: str, asked: Asked, terms: Terms, *, yes: bool, as_json: bool) -> None:
    from sheetsync.cli.sharing import share_whole

    if not yes:
        say(f"{terms.email} will see everything in {target}: notes, pay, contact details, debriefs, every sheet.")
        if not click.confirm("Share all of it?", err=True):
            show([Line("Nothing was shared.")])
            return
    show_given(target, share_whole(target, asked, terms), as_json=as_json)
