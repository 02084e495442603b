"""The night: its schedule, and the doctor."""
