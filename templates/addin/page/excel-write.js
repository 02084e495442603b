/**
 * What the server answered, written into the open workbook: each cell is compared first, and one that the person changed
 * meanwhile is left alone and named. Rows are found again by what they were read from, wherever they were sorted to.
 */

import { area, cells, isFormula, isOurs, knows, ourRules, usedRange } from "./excel-read.js";

const CHANGED = "You changed this cell meanwhile, so it was left alone.";
const FORMULA = "You turned this cell into a formula, so it was left alone.";
const MOVED = "The columns were moved meanwhile, so nothing was written: try again.";
const TOGETHER = "This was changed meanwhile and belongs together with the rest, so nothing was written: try again.";
const ROW = "This row was changed, deleted or is there twice, so it was left alone: sync again.";
/** What Excel would take for a number, a date, a truth value, an error or a formula although it is a text. */
const NO_TEXT = /^(?:[=+\-@'#]|\s*(?:true|false)\s*$)|^(?=.{0,40}$).*\d/is;
/** Characters of a drop-down's words that Excel takes. */
const LONGEST_LIST = 255;

/**
 * Write what is as it was. The answer has how many cells were written, what was left alone, whether rows stood elsewhere,
 * and what takes it back.
 */
export async function write(context, changes) {
  const sheets = await reread(context, changes);
  const { chosen, skipped, headers } = compare(changes, sheets);
  const broken = skipped.filter(({ must }) => must);
  if (headers.length || broken.length) {
    const reason = headers.length ? MOVED : TOGETHER;
    const places = headers.length ? [`${changes.sheet} row ${changes.header_row}`] : broken.map(({ place }) => place);
    return { written: 0, skipped: places.map((place) => ({ place, reason })), moved: false, inverse: null };
  }
  const standing = await prepared(context, changes);
  context.application.suspendApiCalculationUntilNextSync();
  context.application.suspendScreenUpdatingUntilNextSync();
  for (const sheet of changes.sheets) make(context, sheet);
  const tables = standing.tables.map((each) => resize(context, each));
  for (const column of changes.columns) prepare(context, changes, column, standing.looks.get(column.like));
  put(context, chosen);
  mark(context, changes, standing.names);
  if (changes.rules !== null) rule(context, changes, standing.rules);
  for (const { name } of changes.remove?.names ?? []) standing.gone.get(name).delete();
  for (const sheet of standing.dropped) sheet.delete();
  await context.sync();
  const inverse = inverted(changes, chosen, sheets, tables.filter(Boolean));
  const left = [...skipped, ...standing.kept].map(({ place, reason }) => ({ place, reason }));
  return { written: chosen.length, skipped: left, moved: chosen.some(({ moved }) => moved), inverse };
}

// Comparing

/** The sheets that are to be written, as they stand now. */
async function reread(context, changes) {
  const names = new Set([changes.sheet, ...changes.cells.map(({ sheet }) => sheet)]);
  const begun = [...names].map((name) => {
    const sheet = context.workbook.worksheets.getItemOrNullObject(name);
    sheet.load("name");
    return { name, sheet };
  });
  await context.sync();
  if (begun.some(({ sheet }) => sheet.isNullObject)) throw new Error(MOVED);
  for (const one of begun) one.used = usedRange(one.sheet);
  await context.sync();
  const sheets = new Map();
  for (const { name, used } of begun) sheets.set(name, new Standing(await cells(context, used)));
  return sheets;
}

/** A sheet as it stands, counted from 1; an empty cell is null. */
class Standing {
  constructor({ top, left, values, formulas }) {
    Object.assign(this, { top, left, values, formulas });
  }

  at(row, column) {
    const value = this.values[row - this.top - 1]?.[column - this.left - 1] ?? null;
    return value === "" ? null : value;
  }

  holdsFormula(row, column) {
    const [down, right] = [row - this.top - 1, column - this.left - 1];
    return isFormula(this.formulas[down]?.[right], this.values[down]?.[right]);
  }

  /** What a row holds in some columns. */
  key(row, columns, besides = new Map()) {
    return columns.map((column) => (besides.has(column) ? besides.get(column) : this.at(row, column)));
  }

  get last() {
    return this.top + this.values.length;
  }
}

function compare(changes, sheets) {
  const tracker = sheets.get(changes.sheet);
  const headers = changes.headers.filter(([column, text]) => tracker.at(changes.header_row, column) !== (text === "" ? null : text));
  const finder = new Finder(changes, tracker);
  const chosen = [];
  const skipped = [];
  const lost = new Set();
  for (const cell of changes.cells) {
    const sheet = sheets.get(cell.sheet);
    const isThread = cell.sheet === changes.sheet && String(cell.row) in changes.rows;
    const row = isThread ? finder.find(cell.row) : cell.row;
    if (row === null) {
      if (!lost.has(cell.row) || cell.must) for (const each of finder.changed(cell.row)) skipped.push({ ...each, must: cell.must });
      lost.add(cell.row);
      continue;
    }
    const value = sheet.at(row, cell.column);
    const place = `${cell.sheet}!${letters(cell.column)}${row}`;
    if (sheet.holdsFormula(row, cell.column)) skipped.push({ place, reason: FORMULA, must: cell.must });
    else if (value === cell.before) chosen.push({ ...cell, row, isThread, moved: row !== cell.row });
    else if (value !== cell.after) skipped.push({ place, reason: CHANGED, must: cell.must });
  }
  return { chosen, skipped, headers };
}

/** Where a row that was read stands now: where it was, or where the one row is that reads the same. */
class Finder {
  constructor(changes, tracker) {
    Object.assign(this, { changes, tracker });
    this.known = new Map();
    this.places = null;
  }

  find(row) {
    if (!this.known.has(row)) this.known.set(row, this.look(row));
    return this.known.get(row);
  }

  look(row) {
    const wanted = this.name(this.changes.rows[row], this.changes.ids?.[row] ?? null);
    if (this.nameAt(row) === wanted) return row;
    if (this.places === null) {
      this.places = new Map();
      for (let each = this.changes.header_row + 1; each <= this.tracker.last; each += 1) {
        const name = this.nameAt(each);
        this.places.set(name, [...(this.places.get(name) ?? []), each]);
      }
    }
    const found = this.places.get(wanted) ?? [];
    return found.length === 1 ? found[0] : null;
  }

  nameAt(row) {
    const { key_columns: columns, id_column: id } = this.changes;
    return this.name(this.tracker.key(row, columns), id ? this.tracker.at(row, id) : null);
  }

  name(key, id) {
    return JSON.stringify([id === "" ? null : id, ...key.map((value) => (value === "" ? null : value))]);
  }

  /** The cells that the person changed in a row; the whole row where it is not the same one any more. */
  changed(row) {
    const { key_columns: columns, rows, sheet } = this.changes;
    const other = columns.filter((column, at) => this.tracker.at(row, column) !== rows[row][at]);
    if (!other.length || 2 * other.length > columns.length) return [{ place: `${sheet} row ${row}`, reason: ROW }];
    return other.map((column) => ({ place: `${sheet}!${letters(column)}${row}`, reason: `You changed this cell meanwhile, so row ${row} was left alone: sync again.` }));
  }
}

// What is needed before anything is written

async function prepared(context, changes) {
  const { workbook } = context;
  const sheet = workbook.worksheets.getItem(changes.sheet);
  const tables = changes.tables.map((each) => ({ ...each, table: workbook.tables.getItemOrNullObject(each.name) }));
  for (const { table } of tables) table.load("name");
  const names = new Map(changes.names.map(({ name }) => [name, workbook.names.getItemOrNullObject(name)]));
  const gone = new Map((changes.remove?.names ?? []).map(({ name }) => [name, workbook.names.getItemOrNullObject(name)]));
  for (const name of [...names.values(), ...gone.values()]) name.load("name");
  const formats = changes.rules === null ? null : sheet.getRange().conditionalFormats;
  formats?.load("items/type");
  const looks = new Map();
  for (const { like } of changes.columns) if (!looks.has(like)) looks.set(like, look(sheet, changes.header_row, like));
  const made = (changes.remove?.sheets ?? []).map((each) => ({ ...each, sheet: workbook.worksheets.getItemOrNullObject(each.name) }));
  for (const each of made) each.sheet.load("name");
  await context.sync();
  const standing = tables.filter(({ table }) => !table.isNullObject).map((each) => ({ ...each, range: loaded(each.table.getRange()) }));
  const ours = formats === null ? [] : ourRules(formats);
  for (const [name, item] of gone) if (item.isNullObject) gone.set(name, { delete() {} });
  const there = made.filter((each) => !each.sheet.isNullObject);
  for (const each of there) each.used = usedRange(each.sheet);
  await context.sync();
  const dropped = [];
  const kept = [];
  for (const each of there) {
    const { values } = await cells(context, each.used);
    if (JSON.stringify(filled(values)) === JSON.stringify(filled(each.values))) dropped.push(each.sheet);
    else kept.push({ place: each.name, reason: "You changed this sheet meanwhile, so it was left as it is." });
  }
  return { tables: standing, names, gone, looks, rules: ours.filter(isOurs), dropped, kept };
}

function loaded(range) {
  range.load("rowIndex,columnIndex,rowCount,columnCount");
  return range;
}

function look(sheet, row, column) {
  const cell = sheet.getRangeByIndexes(row - 1, column - 1, 1, 1);
  cell.load("format/wrapText,format/verticalAlignment,format/horizontalAlignment");
  cell.format.fill.load("color");
  cell.format.font.load("bold,color,name,size");
  return cell;
}

function filled(values) {
  return values.flatMap((row, at) => row.flatMap((value, place) => (value === "" || value === null ? [] : [[at, place, value]])));
}

// Writing

function put(context, chosen) {
  const columns = new Map();
  for (const cell of chosen) {
    const name = JSON.stringify([cell.sheet, cell.column]);
    columns.set(name, [...(columns.get(name) ?? []), cell]);
  }
  for (const some of columns.values()) {
    some.sort((one, other) => one.row - other.row);
    for (let from = 0; from < some.length; ) {
      let to = from + 1;
      while (to < some.length && some[to].row === some[to - 1].row + 1 && some[to].format === some[from].format) to += 1;
      const run = some.slice(from, to);
      const range = context.workbook.worksheets.getItem(run[0].sheet).getRangeByIndexes(run[0].row - 1, run[0].column - 1, run.length, 1);
      if (run[0].format) range.numberFormat = run.map(({ format }) => [format]);
      range.values = run.map(({ after }) => [typed(after)]);
      from = to;
    }
  }
  for (const cell of chosen.filter(({ link }) => link)) {
    const range = context.workbook.worksheets.getItem(cell.sheet).getRangeByIndexes(cell.row - 1, cell.column - 1, 1, 1);
    range.hyperlink = { address: cell.after, textToDisplay: cell.after };
  }
}

/** A value as it is to be typed so that Excel takes it for what it is: a text is a text, whatever it looks like. */
function typed(value) {
  if (value === null) return "";
  return typeof value === "string" && NO_TEXT.test(value) ? `'${value}` : value;
}

function prepare(context, changes, column, like) {
  const sheet = context.workbook.worksheets.getItem(changes.sheet);
  const header = sheet.getRangeByIndexes(changes.header_row - 1, column.column - 1, 1, 1);
  const body = sheet.getRangeByIndexes(column.first_row - 1, column.column - 1, column.last_row - column.first_row + 1, 1);
  header.format.columnWidth = points(column.width);
  if (like) {
    const { format } = like;
    if (format.fill.color && format.fill.color !== "#FFFFFF") header.format.fill.color = format.fill.color;
    Object.assign(header.format.font, { bold: format.font.bold, color: format.font.color, name: format.font.name, size: format.font.size });
    Object.assign(header.format, { wrapText: format.wrapText, verticalAlignment: format.verticalAlignment });
  }
  if (column.format) body.numberFormat = Array.from({ length: column.last_row - column.first_row + 1 }, () => [column.format]);
  offer(body, column.dropdown);
}

function offer(range, words) {
  const source = (words ?? []).join(",");
  if (!source || source.length > LONGEST_LIST) return;
  range.dataValidation.rule = { list: { inCellDropDown: true, source } };
  range.dataValidation.errorAlert = { showAlert: false, message: "", style: "Information", title: "" };
}

function resize(context, { sheet, table, range, after }) {
  if (!knows("1.13")) return null;
  const before = area(range);
  // rows that the person added meanwhile stay in their table
  const grows = after[3] > before[3] || after[2] > before[2];
  const to = grows ? before.map((edge, at) => (at < 2 ? Math.min(edge, after[at]) : Math.max(edge, after[at]))) : after;
  if (JSON.stringify(to) === JSON.stringify(before)) return null;
  table.resize(context.workbook.worksheets.getItem(sheet).getRangeByIndexes(to[0] - 1, to[1] - 1, to[2] - to[0] + 1, to[3] - to[1] + 1));
  return { sheet, name: table.name, before: to, after: before };
}

function mark(context, changes, standing) {
  for (const { name, sheet, row, column } of changes.names) {
    const old = standing.get(name);
    if (!old.isNullObject) old.delete();
    const range = context.workbook.worksheets.getItem(sheet).getRangeByIndexes(row - 1, column - 1, 1, 1);
    context.workbook.names.add(name, range).visible = false;
  }
}

function rule(context, changes, standing) {
  for (const { each } of standing) each.delete();
  const sheet = context.workbook.worksheets.getItem(changes.sheet);
  // each new one goes before those that stand, so the most pressing is added last
  for (const wanted of [...changes.rules].reverse()) {
    const format = sheet.getRanges(wanted.ranges.join(",")).conditionalFormats.add("Custom");
    format.custom.rule.formula = `=${wanted.formula}`;
    format.custom.format.fill.color = `#${wanted.fill}`;
    format.custom.format.font.color = `#${wanted.font}`;
    if (wanted.bold) format.custom.format.font.bold = true;
  }
}

function make(context, wanted) {
  const sheet = context.workbook.worksheets.add(wanted.name);
  const [height, width] = [wanted.values.length, wanted.columns.length];
  wanted.columns.forEach((column, place) => {
    const body = sheet.getRangeByIndexes(1, place, Math.max(height - 1, 1), 1);
    if (column.format) body.numberFormat = Array.from({ length: Math.max(height - 1, 1) }, () => [column.format]);
    sheet.getRangeByIndexes(0, place, 1, 1).format.columnWidth = points(column.width);
    if (column.wrap) body.format.wrapText = true;
    if (column.left) body.format.horizontalAlignment = "Left";
    offer(body, column.dropdown);
  });
  const all = sheet.getRangeByIndexes(0, 0, height, width);
  all.values = wanted.values.map((row) => row.map((value) => typed(value)));
  if (wanted.table) {
    const table = sheet.tables.add(all, true);
    table.name = wanted.table.name;
  }
  if (wanted.header_row) {
    const header = sheet.getRangeByIndexes(wanted.header_row - 1, 0, 1, width);
    header.format.fill.color = `#${wanted.header.fill}`;
    Object.assign(header.format.font, { bold: true, color: `#${wanted.header.font}` });
    sheet.freezePanes.freezeRows(wanted.header_row);
  }
  if (wanted.tab) sheet.tabColor = `#${wanted.tab}`;
}

/** A width in characters as Excel's interface measures it. */
function points(characters) {
  return (characters * 7 + 5) * 0.75;
}

// Taking it back

/** What puts back what stood there, again compared first. */
function inverted(changes, chosen, sheets, tables) {
  const tracker = sheets.get(changes.sheet);
  const rows = {};
  const ids = {};
  const written = new Map();
  for (const cell of chosen.filter(({ isThread }) => isThread)) {
    if (!written.has(cell.row)) written.set(cell.row, new Map());
    written.get(cell.row).set(cell.column, cell.after);
  }
  for (const [row, besides] of written) {
    rows[row] = tracker.key(row, changes.key_columns, besides);
    if (changes.id_column) ids[row] = tracker.key(row, [changes.id_column], besides)[0];
  }
  const added = new Map(chosen.filter(({ sheet, row }) => sheet === changes.sheet && row === changes.header_row).map(({ column, after }) => [column, after]));
  return {
    ...changes,
    headers: changes.headers.map(([column, text]) => [column, added.has(column) ? added.get(column) : text]),
    rows,
    ids,
    cells: chosen.map(({ isThread, moved, ...cell }) => ({ ...cell, before: cell.after, after: cell.before, format: null, must: false, link: false })),
    columns: [],
    tables,
    names: [],
    rules: changes.columns.length && changes.rules !== null ? [] : null,
    sheets: [],
    remove: { names: changes.columns.length || changes.sheets.length ? changes.names : [], sheets: changes.sheets },
  };
}

function letters(column) {
  let text = "";
  for (let left = column; left > 0; left = Math.floor((left - 1) / 26)) text = String.fromCharCode(65 + ((left - 1) % 26)) + text;
  return text;
}
