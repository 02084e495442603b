"""What a night, or a morning, leaves behind besides the spreadsheet itself.

compose(tracker, plan, ...)   -> Composed   (calendar: the next contacts as an iCalendar file)
save(path, ...)               -> Saved      (calendar_file: read what stands there, write what is new)
look(target, proposal, ...)   -> Look       (digest: one tracker in the morning)
gather(looks, ...)            -> Digest     (digest: several of them; digest_page makes a page of it, notify a notification)
at_work(target)                             (running: one run at a tracker)
trackers_in(folder)           -> Found      (folders: which files are meant; conflict_copies beside a tracker)
append(entries)                             (night_log: a line a tracker; counts: how each stood, last_run: how it ended)
"""
