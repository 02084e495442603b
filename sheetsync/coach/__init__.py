"""For a coach: a redacted copy of one tracker, the notes that come back, and one view over many clients."""
