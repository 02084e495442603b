"""An emulator of the Google Sheets and Drive API for tests: state in memory, validated by Google's own schemas.

How sure it is of what:
- as recorded (`replay.py`): files, views without grid data, values, notes, formats, merges, named and protected ranges,
  groups, sizes, sorting, inserting and deleting, moving and hiding sheets, and the refusals that were met;
- read in Google's documentation and checked by schema only: conditional formats, developer metadata, tables, charts,
  slicers, filters, banding, permissions, quotas, effective formats (without what conditional formats add), the words of
  most refusals, and where exactly `append` finds a table;
- reported by others: colours have eight bits (gspread's issue 1213).
What it does not model answers 501. `tools/record_google.py` records the exchanges that would settle the second list.
"""

from emulator.errors import ApiError
from emulator.faults import Fault, Quotas
from emulator.server import Call, Emulator
from emulator.state import Caller, Sheet, Spreadsheet, new_sheet

__all__ = ["ApiError", "Call", "Caller", "Emulator", "Fault", "Quotas", "Sheet", "Spreadsheet", "new_sheet"]
