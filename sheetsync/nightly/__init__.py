"""What a night, or a morning, leaves behind besides the spreadsheet itself.

compose(tracker, plan, ...)   -> Composed   (calendar: the next contacts as an iCalendar file)
save(path, ...)               -> Saved      (calendar_file: read what stands there, write what is new)
"""
