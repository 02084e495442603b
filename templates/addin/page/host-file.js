/** The page in a browser tab: the server reads and writes the spreadsheet itself. */

/** There is no open workbook to send along. */
export async function readBook() {
  return null;
}

/** Nothing is left to write. */
export async function applyChanges() {
  return { written: 0, skipped: [] };
}

/** No row is selected anywhere else. */
export async function selectedRow() {
  return null;
}

/** No selection ever changes. */
export function onSelection() {}

/** There is no sheet beside the page. */
export async function showRow() {}
