"""What is well on this computer and with its trackers, and what is to be done. Nothing is written.

examine_computer(here)  -> Findings    (computer, google: versions, folders, the night, the sign-in)
examine_tracker(target) -> Findings    (tracker: can it be read and written, what lies beside it, when was it kept last)
"""
