"""Judges of a finished workbook. None of them uses a line of the program they judge."""
