"""The Google script under node:vm, over what the emulated Google answers about a spreadsheet."""
