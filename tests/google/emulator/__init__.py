"""An emulator of the Google Sheets and Drive API for tests: state in memory, validated by Google's own schemas."""

from emulator.errors import ApiError
from emulator.faults import Fault, Quotas
from emulator.server import Call, Emulator
from emulator.state import Caller, Sheet, Spreadsheet, new_sheet

__all__ = ["ApiError", "Call", "Caller", "Emulator", "Fault", "Quotas", "Sheet", "Spreadsheet", "new_sheet"]
