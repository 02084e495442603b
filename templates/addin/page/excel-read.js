/** The open workbook as plain values, by Excel's own object model: docs/addin.md has the format. */

const FORMAT = 1;
const OURS = /sheetsync:/i;
/** Cells fetched at once: Excel answers with 5 MB at most. */
const AT_ONCE = 20_000;
/** Columns of a sheet beyond which drop-downs are not looked for. */
const MOST_COLUMNS = 120;

/** Whether this Excel knows a set of the interface, such as "1.13". */
export function knows(version) {
  return Office.context.requirements.isSetSupported("ExcelApi", version);
}

/** Every sheet with its values, formats, the places of its formulas, tables, merged cells, drop-downs and our rules. */
export async function read(context) {
  const { workbook } = context;
  workbook.load("name");
  workbook.names.load("items/name,items/formula");
  workbook.worksheets.load("items/id,items/name,items/visibility");
  // the serial number of a day tells which of its two date systems a workbook has
  const day = workbook.functions.date(1904, 1, 2);
  day.load("value");
  await context.sync();
  const begun = workbook.worksheets.items.map(begin);
  await context.sync();
  const sheets = [];
  for (const one of begun) sheets.push(await finish(context, one));
  return {
    format: FORMAT,
    program: "excel",
    title: workbook.name,
    // a file does not say how its dates are written either, and both are to be read alike
    locale: null,
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? null,
    date_1904: day.value === 1,
    names: workbook.names.items.map(({ name, formula }) => ({ name, refers_to: String(formula) })),
    sheets,
  };
}

/** The values and formulas of a sheet's used range, and where it begins (counted from 0). */
export async function cells(context, used, wanted = ["values", "formulas"]) {
  const found = Object.fromEntries(wanted.map((name) => [name, []]));
  if (used.isNullObject) return { top: 0, left: 0, ...found };
  const height = Math.max(1, Math.floor(AT_ONCE / used.columnCount));
  for (let from = 0; from < used.rowCount; from += height) {
    const part = used
      .getCell(from, 0)
      .getResizedRange(Math.min(height, used.rowCount - from) - 1, used.columnCount - 1);
    part.load(wanted.join(","));
    await context.sync();
    for (const name of wanted) for (const row of part[name]) found[name].push(row);
  }
  return { top: used.rowIndex, left: used.columnIndex, ...found };
}

export function usedRange(sheet) {
  // cells that are only formatted do not count: a whole column may be
  const used = sheet.getUsedRangeOrNullObject(true);
  used.load("rowIndex,columnIndex,rowCount,columnCount");
  return used;
}

/** Whether a cell holds a formula: its text differs from its value, as that of a text beginning with = does not. */
export function isFormula(formula, value) {
  return typeof formula === "string" && formula.startsWith("=") && formula !== value;
}

/** The conditional formats of ours on a sheet, once the sheet's collection was loaded with items/type. */
export function ourRules(formats) {
  return formats.items
    .filter((each) => each.type === "Custom")
    .map((each) => {
      each.custom.rule.load("formula");
      const ranges = each.getRanges();
      ranges.load("address");
      return { each, ranges };
    });
}

export function isOurs({ each }) {
  return OURS.test(each.custom.rule.formula);
}

function begin(sheet) {
  const used = usedRange(sheet);
  sheet.tables.load("items/name,items/showTotals,items/showHeaders");
  sheet.pivotTables.load("items/name");
  const formats = sheet.getRange().conditionalFormats;
  formats.load("items/type");
  return { sheet, used, formats };
}

async function finish(context, { sheet, used, formats }) {
  const tables = sheet.tables.items.map((table) => ({ table, range: placed(table.getRange()) }));
  const pivots = sheet.pivotTables.items.map((pivot) => placed(pivot.layout.getRange()));
  const rules = ourRules(formats);
  const merged = knows("1.13") && !used.isNullObject ? used.getMergedAreasOrNullObject() : null;
  merged?.load("address");
  const offers = probe(sheet, used);
  const { top, left, values, formulas, numberFormat } = await cells(context, used, ["values", "formulas", "numberFormat"]);
  await context.sync();
  return {
    name: sheet.name,
    hidden: sheet.visibility !== "Visible",
    row: top + 1,
    column: left + 1,
    values,
    formats: runs(numberFormat, top, left, (code) => (code === "General" || !code ? null : String(code))),
    formulas: runs(formulas, top, left, (text, row, place) => (isFormula(text, values[row][place]) ? "=" : null)).map((run) => run.slice(0, 3)),
    tables: tables.map(({ table, range }) => ({ name: table.name, area: area(range), totals: table.showTotals, header: table.showHeaders })),
    merges: merged && !merged.isNullObject ? areas(merged.address) : [],
    blocked: pivots.map(area),
    dropdowns: offers.flatMap(({ column, validation }) => offered(column, validation)),
    rules: rules.filter(isOurs).map((rule) => ({ formula: rule.each.custom.rule.formula, ranges: plain(rule.ranges.address) })),
  };
}

function placed(range) {
  range.load("rowIndex,columnIndex,rowCount,columnCount");
  return range;
}

/** Top, left, bottom and right of a range, counted from 1. */
export function area(range) {
  return [range.rowIndex + 1, range.columnIndex + 1, range.rowIndex + range.rowCount, range.columnIndex + range.columnCount];
}

/** For each column, cells near the end, in the middle and near the top: one of them has the column's drop-down. */
function probe(sheet, used) {
  if (used.isNullObject || used.columnCount > MOST_COLUMNS) return [];
  const rows = [...new Set([used.rowCount - 1, Math.floor(used.rowCount / 2), Math.min(5, used.rowCount - 1)])];
  const found = [];
  for (let place = 0; place < used.columnCount; place += 1) {
    for (const row of rows) {
      const { dataValidation: validation } = used.getCell(row, place);
      validation.load("type,rule");
      found.push({ column: used.columnIndex + place + 1, validation });
    }
  }
  return found;
}

function offered(column, { type, rule }) {
  const source = type === "List" ? rule?.list?.source : null;
  return typeof source === "string" && source ? [[column, source]] : [];
}

/** Column, first row, last row and what all of these cells have in common, from 1; null is left out. */
function runs(grid, top, left, told) {
  const found = [];
  const width = grid[0]?.length ?? 0;
  for (let place = 0; place < width; place += 1) {
    let last = null;
    for (let row = 0; row < grid.length; row += 1) {
      const what = told(grid[row][place], row, place);
      if (what !== null && last !== null && last[3] === what && last[2] === top + row) last[2] += 1;
      else {
        last = what === null ? null : [left + place + 1, top + row + 1, top + row + 1, what];
        if (last !== null) found.push(last);
      }
    }
  }
  return found;
}

/** "Jobs!K5:P80,Jobs!R5:R80" as ["K5:P80", "R5:R80"]. */
function plain(address) {
  return address.split(/,(?=(?:[^']*'[^']*')*[^']*$)/).map((each) => each.slice(each.lastIndexOf("!") + 1).replaceAll("$", ""));
}

function areas(address) {
  return plain(address).flatMap((each) => {
    const found = /^([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?$/.exec(each);
    return found ? [[Number(found[2]), number(found[1]), Number(found[4] ?? found[2]), number(found[3] ?? found[1])]] : [];
  });
}

function number(letters) {
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
}
