/** The page in Excel's task pane: it reads the open workbook, and writes into it what the server answers. */

import { knows, read } from "./excel-read.js";
import { write } from "./excel-write.js";

const MARK = "_sheetsync_";
/** Milliseconds for which a workbook that did not change need not be read again. */
const FRESH = 60_000;
const REASONS = {
  InvalidOperationInCellEditMode: "Excel is waiting for you to finish a cell: press Enter or Escape there, then try again.",
  AccessDenied: "The sheet is protected: unprotect it (Review, Unprotect Sheet), then try again.",
};

/** The sheet of the tracker, and its id: where our columns stand, or where they were put last. */
let tracker = null;
let sheets = new Map();
let kept = null;
let watched = false;
/** What takes the last change back, with its words. */
let last = null;

/** Run something in Excel; what it refuses is worded. */
async function run(work) {
  try {
    return await Excel.run(work);
  } catch (error) {
    if (!error?.code) throw error;
    throw new Error(REASONS[error.code] ?? `Excel refused this (${error.code}): ${error.message}`);
  }
}

/** The open workbook; one that was read a moment ago and has not changed since will do unless `fresh`. */
export async function readBook({ fresh = true } = {}) {
  if (!fresh && kept !== null && performance.now() - kept.at < FRESH) return kept.book;
  return run(async (context) => {
    await watch(context);
    const book = await read(context);
    sheets = new Map(context.workbook.worksheets.items.map(({ id, name }) => [id, name]));
    tracker = trackerOf(book) ?? tracker;
    kept = { book, at: performance.now() };
    return book;
  });
}

/** Write what the server answered, and say whether rows were elsewhere by then; `what` names it for the button that takes it back. */
export async function applyChanges(changes, what = "the last change") {
  const { written, skipped, moved, inverse } = await run((context) => write(context, changes));
  kept = null;
  tracker = changes.sheet;
  if (inverse !== null) last = { inverse, what, when: new Date().toISOString() };
  return { written, skipped, moved };
}

/** What `undo` would take back. */
export function undoable() {
  return last && { what: last.what, when: last.when };
}

/** Put back what stood there before the last change, but for what was changed since. */
export async function undo() {
  if (last === null) return { written: 0, skipped: [], told: ["There is nothing to take back."] };
  const { inverse, what } = last;
  const { written, skipped } = await run((context) => write(context, inverse));
  kept = null;
  if (written || !skipped.length) last = null;
  return { written, skipped, told: [`Taken back: ${what} (${written} ${written === 1 ? "cell" : "cells"}).`] };
}

/** The row of the tracker in which a cell is selected; null elsewhere. */
export async function selectedRow() {
  return run(async (context) => {
    const range = context.workbook.getSelectedRange();
    range.load("rowIndex");
    range.worksheet.load("name");
    await context.sync();
    return range.worksheet.name === tracker ? range.rowIndex + 1 : null;
  });
}

/** Call back with the row whenever another one of the tracker is selected. */
export function onSelection(callback) {
  return run(async (context) => {
    context.workbook.worksheets.onSelectionChanged.add(async ({ address, worksheetId }) => {
      const row = /(\d+)/.exec(address.slice(address.lastIndexOf("!") + 1));
      if (row && sheets.get(worksheetId) === tracker) callback(Number(row[1]));
    });
    await context.sync();
  });
}

/** Show a row of the tracker in the sheet. */
export async function showRow(row) {
  if (tracker === null) return;
  await run(async (context) => {
    const sheet = context.workbook.worksheets.getItem(tracker);
    sheet.activate();
    sheet.getRangeByIndexes(row - 1, 0, 1, 1).select();
    await context.sync();
  });
}

/** Forget what was read as soon as the workbook changes. */
async function watch(context) {
  if (watched) return;
  watched = true;
  const forget = async () => {
    kept = null;
  };
  const { worksheets } = context.workbook;
  worksheets.onChanged.add(forget);
  worksheets.onFormatChanged.add(forget);
  worksheets.onCalculated.add(forget);
  if (knows("1.9")) {
    worksheets.onAdded.add(forget);
    worksheets.onDeleted.add(forget);
  }
  await context.sync();
}

function trackerOf(book) {
  const mark = book.names.find(({ name, refers_to: place }) => name.toLowerCase().startsWith(`${MARK}next`) && !place.includes("#REF!"));
  const found = mark && /^=(?:'((?:[^']|'')+)'|([^'!]+))!/.exec(mark.refers_to);
  return found ? (found[1]?.replaceAll("''", "'") ?? found[2]) : null;
}
