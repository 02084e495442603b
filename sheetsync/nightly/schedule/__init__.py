"""The night's entry in the scheduler that a system has: no program of ours waits for the hour.

    find_scheduler(kind)  -> Scheduler    (choose: systemd, launchd, Windows Task Scheduler, or cron where none of them is)
    Scheduler.pieces(night) -> what would be installed, to be shown before it is
    Scheduler.install(night), .remove(), .standing()

Each kind is a module: it writes the entry in its own syntax and asks its own program. What was installed is remembered in
`nightly/schedule.json` (`entry`).
"""
