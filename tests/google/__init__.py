"""Tests of everything that speaks to Google, against an emulator of the Sheets and Drive API in this folder."""
