"""Checks of a tracker: what cannot be right, and what is worth a look.

check_tracker(tracker, profile, settings, today=...) -> Findings   (tracker: every check, in sheet order)
"""
