"""Inside the spreadsheet: the page and its local server, the Excel pane, the Google script, the Calc extension."""
