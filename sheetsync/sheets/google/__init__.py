"""Google Sheets: one read and one atomic write over the Sheets API."""
