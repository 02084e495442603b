"""Battery death: every command that writes, killed at every step of its write."""
