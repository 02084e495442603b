"""What to say: from a plan and the person's own notes to a draft, and the check of a draft. It never sends anything.

draft(tracker, plan, profile, settings)    -> Drafts      (drafting: one for each person, refusals as data)
as_eml(draft), as_markdown, as_text        -> a file      (formats; mailto for a link)
read_message(name, content)                -> Message     (formats: a finished draft read back)
check_draft(message, context)              -> Findings    (checking; `desk.Desk` makes the context of each row)
"""
