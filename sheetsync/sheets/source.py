"""The one protocol behind which every spreadsheet stands."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from sheetsync.changes import Changes, Receipt
from sheetsync.model import Snapshot


@runtime_checkable
class Source(Protocol):
    """A spreadsheet that can be read whole and changed a little.

    - `read` gives every sheet as it stands, formulas as their saved results, and which columns are ours.
    - Reading twice with nothing in between gives the same version; any change gives another.
    - `apply` writes the owned cells of `changes`, adds the owned columns it names, and makes the highlights what they
      should be: all of it or nothing. Every other cell, rule and part stays as it is.
    - `apply` raises SourceChangedError, and writes nothing, if the spreadsheet is no longer at `changes.version`.
    - Applying what is there already writes nothing: `Receipt.written` is False and the version stays.
    - An owned column is found again after rows were sorted and columns were moved, inserted or renamed.
    - An owned column that the person deleted is not made again.
    - `remove` takes every owned column, rule, name and style out again, and nothing else; the second time it does
      nothing.
    """

    @property
    def location(self) -> str:
        """The path, URL or name by which the person knows it."""
        ...

    def read(self) -> Snapshot:
        """Read it all. Raises FileError or GoogleError."""
        ...

    def apply(self, changes: Changes) -> Receipt:
        """Write `changes`. Raises SourceChangedError, LockedError, FileError or GoogleError."""
        ...

    def remove(self) -> Receipt:
        """Take everything of ours out again. Raises as `apply` does."""
        ...
