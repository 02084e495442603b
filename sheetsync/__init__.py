"""sheetsync keeps a follow-up tracker that lives in a spreadsheet up to date."""

__version__ = "0.1.0"
