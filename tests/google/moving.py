"""A person who is signed in at the emulator, and what a spreadsheet means, to compare two of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from emulator.server import Emulator

from sheetsync.sheets import open_source
from sheetsync.sheets.google.auth import CREATED_FILES, SPREADSHEETS, find_login
from sheetsync.sheets.google.transport import Transport
from sheetsync.sync import Proposal, propose

ME = "me@example.com"
DAY = dt.date(2026, 11, 18)


@contextmanager
def signed_in(home: Path) -> Iterator[Emulator]:
    """Google, and the sign-in of a person there as `sheetsync auth google` keeps it, both in the environment.

    Formulas are not worked out there: each gives "?".
    """
    with Emulator(results={"*": {"stringValue": "?"}}) as google, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHEETSYNC_GOOGLE_ENDPOINT", google.url)
        patch.setenv("SHEETSYNC_HOME", str(home))
        scopes = [SPREADSHEETS, CREATED_FILES]
        google.account(ME, *scopes)
        login = {
            "refresh_token": google.accounts.refresh_token(ME, frozenset(scopes)),
            "client_id": "client",
            "client_secret": "secret",
            "token_uri": f"{google.url}/token",
            "scopes": scopes,
            "account": ME,
        }
        (home / "google").mkdir(parents=True, exist_ok=True)
        (home / "google" / "login.json").write_text(json.dumps(login), "utf-8")
        yield google


def transport() -> Transport:
    """The way to Google of the person who is signed in."""
    return Transport(find_login())


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a sync makes of a spreadsheet."""

    proposal: Proposal

    @classmethod
    def of(cls, location: str | Path) -> Meaning:
        return cls(propose(open_source(str(location)), as_of=DAY))

    def told(self) -> dict[str, Any]:
        """Everything that two copies have in common, by name, so that a difference names itself."""
        tracker, plan, changes = self.proposal.tracker, self.proposal.plan, self.proposal.changes
        return {
            "tracker": tracker.frame.to_csv(),
            "history": tracker.history.to_csv(),
            "debrief": tracker.debrief.to_csv(),
            "settings": self.proposal.settings,
            "profile": self.proposal.profile,
            "plan": plan.frame.to_csv(),
            "changed cells": changes.changed_cells,
            "columns to add": changes.add,
            "place": (changes.sheet, changes.header_row, changes.first_row, changes.last_row),
        }
