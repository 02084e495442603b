"""An emulator of the Google Sheets and Drive API for tests: state in memory, validated by Google's own schemas."""
