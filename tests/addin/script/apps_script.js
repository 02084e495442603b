/**
 * As much of Apps Script as the script needs, over one answer of `spreadsheets.get`.
 *
 * Standard input: {code, book, calls: [[function, ...arguments]], active: {sheet, row}, busy, now}. Standard output, as JSON:
 * the calls' results ({value} or {error}), what was written, what the menu and the sidebar were given. A name that
 * Apps Script lacks fails here too.
 */
"use strict";
const vm = require("node:vm");
const given = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const { code, book, calls, busy = false } = given;
const active = { sheet: 0, row: 1, ...given.active };
const done = { results: [], writes: [], menu: null, items: [], sidebar: null, locks: [], selected: null };
const EPOCH = Date.UTC(1899, 11, 30);

class Meta {
  constructor(data, sheet) { Object.assign(this, { data, sheet }); }
  getValue() { return this.data.metadataValue ?? null; }
  getLocation() {
    const range = this.data.location.dimensionRange;
    const place = (dimension) => (range && range.dimension === dimension ? new Range(this.sheet, dimension === "ROWS" ? range.startIndex + 1 : 1, dimension === "COLUMNS" ? range.startIndex + 1 : 1, 1, 1) : null);
    return { getColumn: () => place("COLUMNS"), getRow: () => place("ROWS") };
  }
}

class Finder {
  constructor(found) { this.found = found; }
  withKey(key) { return new Finder(this.found.filter((meta) => meta.data.metadataKey === key)); }
  find() { return this.found; }
}

class Range {
  constructor(sheet, row, column, rows, columns) {
    if (!(row >= 1 && column >= 1 && rows >= 1 && columns >= 1)) throw new Error("The starting row of the range is too small.");
    Object.assign(this, { sheet, row, column, rows, columns });
  }
  #cell() { return this.sheet.cell(this.row, this.column); }
  getRow() { return this.row; }
  getColumn() { return this.column; }
  getDisplayValues() {
    return Array.from({ length: this.rows }, (_, down) => Array.from({ length: this.columns }, (_, right) => this.sheet.cell(this.row + down, this.column + right).formattedValue ?? ""));
  }
  getDisplayValue() { return this.getDisplayValues()[0][0]; }
  getValue() {
    const cell = this.#cell();
    const { numberValue, stringValue, boolValue } = cell.effectiveValue ?? {};
    if (numberValue !== undefined && cell.effectiveFormat?.numberFormat?.type?.startsWith("DATE")) return vm.runInContext(`new Date(${EPOCH + numberValue * 86400000})`, context);
    return numberValue ?? stringValue ?? boolValue ?? "";
  }
  setValue(value) {
    done.writes.push({ sheet: this.sheet.getName(), row: this.row, column: this.column, value });
    Object.assign(this.#cell(), typed(value));
  }
  clearContent() {
    done.writes.push({ sheet: this.sheet.getName(), row: this.row, column: this.column, value: "" });
    for (const name of ["formattedValue", "effectiveValue"]) delete this.#cell()[name];
  }
  getDataValidation() {
    const rule = this.#cell().dataValidation;
    if (!rule) return null;
    return { getCriteriaType: () => rule.condition.type, getCriteriaValues: () => [rule.condition.values.map((value) => value.userEnteredValue), true] };
  }
  getRichTextValue() {
    const { hyperlink, formattedValue } = this.#cell();
    return formattedValue === undefined ? null : { getLinkUrl: () => hyperlink ?? null };
  }
  activate() { done.selected = [this.sheet.getName(), this.row, this.column]; }
}

/** A text that looks like a day becomes one, as when somebody types it. */
function typed(value) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return { formattedValue: String(value), effectiveValue: { stringValue: value } };
  return { formattedValue: value, effectiveValue: { numberValue: (Date.parse(`${value}T00:00:00Z`) - EPOCH) / 86400000 }, effectiveFormat: { numberFormat: { type: "DATE" } } };
}

class Sheet {
  constructor(data) {
    this.data = data;
    this.grid = (data.data?.[0]?.rowData ?? []).map((row) => row.values ?? []);
    const dimensions = [...(data.data?.[0]?.rowMetadata ?? []), ...(data.data?.[0]?.columnMetadata ?? [])];
    this.metadata = [...(data.developerMetadata ?? []), ...dimensions.flatMap((one) => one.developerMetadata ?? [])].map((one) => new Meta(one, this));
  }
  cell(row, column) {
    while (this.grid.length < row) this.grid.push([]);
    return (this.grid[row - 1][column - 1] ??= {});
  }
  getName() { return this.data.properties.title; }
  getSheetId() { return this.data.properties.sheetId ?? 0; }
  getLastRow() { return this.grid.findLastIndex((row) => row.some((cell) => cell?.formattedValue)) + 1; }
  getLastColumn() { return Math.max(0, ...this.grid.map((row) => row.findLastIndex((cell) => cell?.formattedValue) + 1)); }
  getRange(row, column, rows = 1, columns = 1) { return new Range(this, row, column, rows, columns); }
  getActiveRange() { return new Range(this, active.row, 1, 1, 1); }
  createDeveloperMetadataFinder() { return new Finder(this.metadata); }
  activate() { return this; }
}

const sheets = book.sheets.map((data) => new Sheet(data));
const spreadsheet = {
  getSheets: () => sheets,
  getSpreadsheetTimeZone: () => book.properties.timeZone,
  createDeveloperMetadataFinder: () => new Finder((book.developerMetadata ?? []).map((one) => new Meta(one, null))),
};
const menu = (name) => ({
  addItem(label, handler) { done.items.push([label, handler]); return this; },
  addToUi() { done.menu = name; },
});

const context = vm.createContext({
  SpreadsheetApp: {
    getActiveSpreadsheet: () => spreadsheet,
    getActiveSheet: () => sheets[active.sheet],
    getUi: () => ({ createMenu: menu, showSidebar: (page) => { done.sidebar = page; } }),
    flush: () => done.locks.push("flushed"),
    DataValidationCriteria: { VALUE_IN_LIST: "ONE_OF_LIST" },
  },
  HtmlService: {
    createTemplateFromFile: (file) => ({ evaluate() { return { file, view: this.view, setTitle(title) { return { ...this, title }; } }; } }),
  },
  LockService: {
    getDocumentLock: () => ({ tryLock: (wait) => { done.locks.push(busy ? "busy" : "locked"); return !busy && wait > 0; }, releaseLock: () => done.locks.push("released") }),
  },
  Utilities: {
    formatDate: (moment, zone, pattern) => {
      if (pattern !== "yyyy-MM-dd") throw new Error(pattern);
      return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(moment.getTime()));
    },
  },
});

vm.runInContext(code, context, { filename: "Code.gs" });
for (const [name, ...words] of calls) {
  try {
    const value = vm.runInContext(name, context)(...words);
    done.results.push({ value: value === undefined ? null : value });
  } catch (error) {
    done.results.push({ error: error.message });
  }
}
process.stdout.write(JSON.stringify(done));
