"""The one protocol behind which every spreadsheet stands."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from sheetsync.changes import Changes, Only, Receipt
from sheetsync.model import Snapshot


@runtime_checkable
class Source(Protocol):
    """A spreadsheet that can be read whole and changed a little.

    - `read` gives every sheet as it stands, formulas as their saved results, and which columns are ours.
    - Reading twice with nothing in between gives the same version; any change gives another.
    - `apply` writes the owned cells of `changes`, adds the owned columns it names, and makes the highlights what they
      should be: all of it or nothing. Every other cell, rule and part stays as it is.
    - A drop-down of `changes` is put on the column that is added, whatever its words are.
    - `apply` puts `changes.edits` into single cells and keeps their look. A formula, a heading of a table and a cell within
      merged ones are left alone, with a Problem. If a cell holds neither what the command saw nor what it wants,
      SourceChangedError is raised and nothing is written.
    - `apply` puts `changes.appends` right below the last filled row of a sheet other than the tracker's: into spare rows of
      its table, which grows if there are none. Without room it raises FileError, and writes nothing.
    - `apply` makes `changes.new_sheets` behind the last sheet; one that is there already is left as it is. Rows may be
      appended to a sheet that is made by the same write.
    - `apply` raises SourceChangedError, and writes nothing, if the spreadsheet is no longer at `changes.version`.
    - Applying what is there already writes nothing: `Receipt.written` is False and the version stays.
    - An owned column is found again after rows were sorted and columns were moved, inserted or renamed.
    - An owned column that the person deleted is not made again.
    - Further owned columns (`EXTRA_OWNED`) stand right of the computed ones, and what the person types there stays until
      `changes.after` says otherwise.
    - `remove` takes every owned column, rule, name, style and sheet out again, and nothing else; the second time it does
      nothing. A sheet with the person's records (one made with the tab "log") stays unless `everything` is to go, and so
      does a column that holds somebody's words (`ownership.RECORDS`), its mark included.
    - `remove` with `only` takes out those columns and sheets and leaves the rest of ours as it is; a column that was taken
      out so may be added again.
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

    def remove(self, *, everything: bool = False, only: Only | None = None) -> Receipt:
        """Take everything of ours out again, with `everything` the person's records too, or `only` what that names.

        Raises as `apply` does.
        """
        ...
