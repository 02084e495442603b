/*
 * An Excel of the tests' own, as office.js shows it: what is asked for waits until sync(), what was not loaded cannot be
 * read, and what is typed is taken as Excel takes it (a number, a day, a formula, or a text behind an apostrophe).
 *
 * fake.open(book)            the workbook, in the exchange's own format
 * fake.book()                the same as it stands now
 * fake.type(sheet, row, column, value), fake.sort(sheet, first, last, by), fake.insertColumn(sheet, before)  a person's doing
 * fake.meanwhile = [run, doing]   do something right before the nth Excel.run from now on
 * fake.select(sheet, row, column), fake.selected, fake.calls, fake.busy
 */
(() => {
  const model = { name: "", date1904: false, names: new Map(), sheets: [] };
  const fake = { model, calls: 0, runs: 0, meanwhile: null, busy: false, selected: null, suspended: 0 };
  const handlers = { onSelectionChanged: [], onChanged: [], onFormatChanged: [], onCalculated: [], onAdded: [], onDeleted: [] };
  let identity = 0;

  const key = (row, column) => `${row},${column}`;
  const letters = (column) => (column > 26 ? letters(Math.floor((column - 1) / 26)) : "") + String.fromCharCode(65 + ((column - 1) % 26));
  const number = (text) => [...text].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
  const sheetOf = (name) => model.sheets.find((sheet) => sheet.name === name);
  const quoted = (name) => (/^\w+$/.test(name) ? name : `'${name.replaceAll("'", "''")}'`);

  function newSheet(name) {
    return { id: `{${(identity += 1)}}`, name, hidden: false, rows: [], tables: [], merges: [], offers: [], rules: [], widths: {}, looks: {} };
  }

  const EMPTY = { value: "", formula: null, format: "General" };

  function cellOf(sheet, row, column) {
    return sheet.rows[row]?.[column] ?? EMPTY;
  }

  function setCell(sheet, row, column, change) {
    (sheet.rows[row] ??= [])[column] = { ...cellOf(sheet, row, column), ...change };
  }

  /** What Excel makes of something typed. */
  function typed(value) {
    if (typeof value !== "string") return { value, formula: null };
    if (value.startsWith("'")) return { value: value.slice(1), formula: null };
    if (/^[=+\-@]./.test(value) && !/^[+-]?[\d.]+$/.test(value)) return { value: 0, formula: value.startsWith("=") ? value : `=${value}` };
    if (/^\s*[+-]?\d+(?:[.,]\d+)?%?\s*$/.test(value)) return { value: Number.parseFloat(value), formula: null };
    if (/^\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?$/.test(value)) return { value: 45000, formula: null, format: "m/d/yyyy" };
    if (/^\d{1,2}[ -]?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?:[ -]?\d{2,4})?$/i.test(value)) return { value: 45000, formula: null, format: "d-mmm" };
    if (/^(?:true|false)$/i.test(value)) return { value: value.toLowerCase() === "true", formula: null };
    if (/^#(?:N\/A|REF!|VALUE!|DIV\/0!|NAME\?|NUM!|NULL!)$/.test(value)) return { value, formula: null, error: true };
    return { value, formula: null };
  }

  function used(sheet) {
    const area = { sheet, top: Infinity, left: Infinity, bottom: 0, right: 0 };
    sheet.rows.forEach((cells, row) => cells.forEach(({ value, formula }, column) => {
      if (value === "" && !formula) return;
      area.top = Math.min(area.top, row);
      area.left = Math.min(area.left, column);
      area.bottom = Math.max(area.bottom, row);
      area.right = Math.max(area.right, column);
    }));
    return area.bottom ? area : null;
  }

  function grid(area, told) {
    const rows = [];
    for (let row = area.top; row <= area.bottom; row += 1) {
      const cells = [];
      for (let column = area.left; column <= area.right; column += 1) cells.push(told(cellOf(area.sheet, row, column)));
      rows.push(cells);
    }
    return rows;
  }

  function address(area) {
    const one = (row, column) => letters(column) + row;
    const first = one(area.top, area.left);
    const last = one(area.bottom, area.right);
    return `${quoted(area.sheet.name)}!${first === last ? first : `${first}:${last}`}`;
  }

  const refused = (code, message) => Object.assign(new Error(message), { code });

  /** Anything of Excel's: found only when the queue runs; its properties are read after they were loaded. */
  class Thing {
    constructor(context, find) {
      this.context = context;
      this.find = find;
      this.held = {};
    }

    load(names) {
      const wanted = names.split(",").map((name) => name.trim());
      this.context.queue(() => {
        const target = this.find();
        this.held.isNullObject = target === null;
        if (target !== null) for (const name of wanted) this.take(target, name.split("/"));
      });
      return this;
    }

    take(target, [name, ...rest]) {
      if (rest.length) {
        const child = this[name];
        child.held.isNullObject = false;
        child.take(child.find(), rest);
      } else {
        if (!(name in this.constructor.readable)) throw refused("InvalidArgument", `${this.constructor.name} has no ${name}`);
        this.held[name] = this.constructor.readable[name](target);
      }
    }

    get isNullObject() {
      return this.got("isNullObject");
    }

    got(name) {
      if (!(name in this.held)) throw refused("PropertyNotLoaded", `${this.constructor.name}.${name} was read and not loaded`);
      return this.held[name];
    }

    found() {
      const target = this.find();
      if (target === null) throw refused("ItemNotFound", `${this.constructor.name} is not there`);
      return target;
    }
  }

  /** Give a class properties: each is read once loaded, and those with a setter are written when the queue runs. */
  function properties(type, readable, writable = {}) {
    type.readable = readable;
    for (const name of new Set([...Object.keys(readable), ...Object.keys(writable)])) {
      Object.defineProperty(type.prototype, name, {
        get() {
          return this.got(name);
        },
        set(value) {
          if (!(name in writable)) throw refused("InvalidOperation", `${type.name}.${name} cannot be set`);
          this.context.queue(() => writable[name](this.found(), value));
        },
      });
    }
  }

  class Collection extends Thing {
    constructor(context, list, make) {
      super(context, () => list());
      this.list = list;
      this.make = make;
    }

    load(names = "") {
      const wanted = names.split(",").filter((name) => name.startsWith("items/")).map((name) => name.slice(6));
      this.context.queue(() => {
        this.held.items = this.list().map((target) => {
          const thing = this.make(target);
          for (const name of wanted) thing.take(target, name.split("/"));
          return thing;
        });
      });
      return this;
    }

    get items() {
      return this.got("items");
    }
  }

  class Fill extends Thing {}
  properties(Fill, { color: (look) => look.fill ?? "#FFFFFF" }, { color: (look, value) => { look.fill = value; } });
  class Font extends Thing {}
  properties(
    Font,
    { bold: (look) => look.bold ?? false, color: (look) => look.ink ?? "#000000", name: () => "Calibri", size: () => 11 },
    { bold: (look, value) => { look.bold = value; }, color: (look, value) => { look.ink = value; }, name() {}, size() {} },
  );
  class Format extends Thing {
    get fill() { return (this.fill_ ??= new Fill(this.context, this.find)); }
    get font() { return (this.font_ ??= new Font(this.context, this.find)); }
  }
  properties(
    Format,
    { wrapText: (look) => look.wrap ?? false, verticalAlignment: () => "Center", horizontalAlignment: () => "General" },
    { wrapText: (look, value) => { look.wrap = value; }, verticalAlignment() {}, horizontalAlignment() {}, columnWidth: (look, value) => { look.width = value; } },
  );

  class Validation extends Thing {}
  properties(
    Validation,
    {
      type: (area) => (offerAt(area) ? "List" : "None"),
      rule: (area) => (offerAt(area) ? { list: { inCellDropDown: true, source: offerAt(area).source } } : {}),
    },
    {
      rule: (area, { list }) => {
        if (list.source.length > 255) throw refused("InvalidArgument", "A list's source is 255 characters long at most");
        area.sheet.offers.push({ ...area, source: list.source });
      },
      errorAlert() {},
    },
  );
  const offerAt = (area) => area.sheet.offers.findLast((each) => each.left <= area.left && area.right <= each.right && each.top <= area.top && area.bottom <= each.bottom);

  class Rule extends Thing {
    get custom() {
      const rule = this;
      return {
        rule: (this.rule_ ??= new Formula(this.context, this.find)),
        format: { fill: (rule.fill_ ??= new Fill(this.context, () => this.find().look)), font: (rule.font_ ??= new Font(this.context, () => this.find().look)) },
      };
    }
    getRanges() {
      return new Range(this.context, () => this.find().areas);
    }
    delete() {
      this.context.queue(() => {
        const rule = this.found();
        rule.sheet.rules.splice(rule.sheet.rules.indexOf(rule), 1);
      });
    }
  }
  properties(Rule, { type: (rule) => rule.type, id: (rule) => rule.id });
  class Formula extends Thing {}
  properties(Formula, { formula: (rule) => rule.formula }, { formula: (rule, value) => { rule.formula = value; } });

  class Rules extends Collection {
    constructor(context, find) {
      super(context, () => find().sheet.rules, (target) => new Rule(context, () => target));
      this.areas = find;
    }
    add(type) {
      let made = null;
      this.context.queue(() => {
        const found = this.areas();
        const areas = Array.isArray(found) ? found : [found];
        made = { id: (identity += 1), sheet: areas[0].sheet, type, formula: "", areas, look: {} };
        made.sheet.rules.unshift(made);
      });
      return new Rule(this.context, () => made);
    }
  }

  class Range extends Thing {
    getCell(row, column) {
      return new Range(this.context, () => {
        const { sheet, top, left } = this.found();
        return { sheet, top: top + row, left: left + column, bottom: top + row, right: left + column };
      });
    }
    getResizedRange(rows, columns) {
      return new Range(this.context, () => {
        const area = this.found();
        return { ...area, bottom: area.bottom + rows, right: area.right + columns };
      });
    }
    getMergedAreasOrNullObject() {
      return new Range(this.context, () => {
        const { sheet } = this.found();
        return sheet.merges.length ? sheet.merges.map(([top, left, bottom, right]) => ({ sheet, top, left, bottom, right })) : null;
      });
    }
    get conditionalFormats() { return (this.rules_ ??= new Rules(this.context, () => (Array.isArray(this.found()) ? Object.assign(this.found(), { sheet: this.found()[0].sheet }) : this.found()))); }
    get dataValidation() { return (this.validation_ ??= new Validation(this.context, this.find)); }
    get worksheet() { return (this.sheet_ ??= new Sheet(this.context, () => this.found().sheet)); }
    get format() {
      return (this.format_ ??= new Format(this.context, () => {
        const { sheet, top, left } = this.found();
        return (sheet.looks[key(top, left)] ??= {});
      }));
    }
    select() {
      this.context.queue(() => {
        const { sheet, top, left } = this.found();
        fake.selected = [sheet.name, top, left];
      });
    }
  }
  const shape = (area, values) => {
    if (values.length !== area.bottom - area.top + 1 || values.some((row) => row.length !== area.right - area.left + 1)) throw refused("InvalidArgument", "The values do not fit the range");
  };
  properties(
    Range,
    {
      address: (area) => (Array.isArray(area) ? area.map(address).join(",") : address(area)),
      rowIndex: (area) => area.top - 1,
      columnIndex: (area) => area.left - 1,
      rowCount: (area) => area.bottom - area.top + 1,
      columnCount: (area) => area.right - area.left + 1,
      values: (area) => grid(area, ({ value }) => value),
      formulas: (area) => grid(area, ({ value, formula }) => formula ?? value),
      numberFormat: (area) => grid(area, ({ format }) => format),
    },
    {
      values: (area, rows) => {
        shape(area, rows);
        rows.forEach((cells, down) => cells.forEach((value, right) => setCell(area.sheet, area.top + down, area.left + right, typed(value))));
      },
      numberFormat: (area, rows) => {
        shape(area, rows);
        rows.forEach((cells, down) => cells.forEach((format, right) => setCell(area.sheet, area.top + down, area.left + right, { format })));
      },
      hyperlink: (area, { address: to }) => setCell(area.sheet, area.top, area.left, { link: to }),
    },
  );

  class Table extends Thing {
    getRange() {
      return new Range(this.context, () => this.found().area);
    }
    resize(range) {
      this.context.queue(() => {
        const table = this.found();
        const to = range.find();
        if (to.top !== table.area.top || to.sheet !== table.area.sheet) throw refused("InvalidArgument", "A table keeps its header row");
        table.area = to;
      });
    }
  }
  properties(
    Table,
    { name: (table) => table.name, showTotals: (table) => table.totals, showHeaders: () => true },
    { name: (table, value) => { table.name = value; } },
  );

  class Sheet extends Thing {
    getRange() {
      return new Range(this.context, () => ({ sheet: this.found(), top: 1, left: 1, bottom: 1_048_576, right: 16_384 }));
    }
    getRanges(addresses) {
      return new Range(this.context, () => addresses.split(",").map((each) => {
        const [, left, top, right, bottom] = /^([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?$/.exec(each);
        return { sheet: this.found(), top: Number(top), left: number(left), bottom: Number(bottom ?? top), right: number(right ?? left) };
      }));
    }
    getRangeByIndexes(row, column, rows, columns) {
      if (rows < 1 || columns < 1 || row < 0 || column < 0) throw refused("InvalidArgument", "There is no such range");
      return new Range(this.context, () => ({ sheet: this.found(), top: row + 1, left: column + 1, bottom: row + rows, right: column + columns }));
    }
    getUsedRangeOrNullObject() {
      return new Range(this.context, () => used(this.found()));
    }
    get tables() {
      const tables = new Collection(this.context, () => this.found().tables, (table) => new Table(this.context, () => table));
      tables.add = (range) => {
        let made = null;
        this.context.queue(() => {
          made = { name: `Table${(identity += 1)}`, area: range.find(), totals: false };
          made.area.sheet.tables.push(made);
        });
        return new Table(this.context, () => made);
      };
      return (this.tables_ ??= tables);
    }
    get pivotTables() { return (this.pivots_ ??= new Collection(this.context, () => [], () => null)); }
    get freezePanes() { return { freezeRows: () => this.context.queue(() => this.found()) }; }
    activate() {
      this.context.queue(() => this.found());
    }
    delete() {
      this.context.queue(() => model.sheets.splice(model.sheets.indexOf(this.found()), 1));
    }
  }
  properties(
    Sheet,
    { id: (sheet) => sheet.id, name: (sheet) => sheet.name, visibility: (sheet) => (sheet.hidden ? "Hidden" : "Visible") },
    { tabColor: (sheet, value) => { sheet.tab = value; } },
  );

  class Name extends Thing {
    delete() {
      this.context.queue(() => model.names.delete(this.found().name));
    }
  }
  properties(
    Name,
    { name: (each) => each.name, formula: (each) => each.formula, visible: (each) => each.visible },
    { visible: (each, value) => { each.visible = value; } },
  );

  class Workbook extends Thing {
    get names() {
      const names = new Collection(this.context, () => [...model.names.values()], (each) => new Name(this.context, () => each));
      names.getItemOrNullObject = (name) => new Name(this.context, () => model.names.get(name) ?? null);
      names.add = (name, range) => {
        this.context.queue(() => {
          const area = range.find();
          if (model.names.has(name)) throw refused("ItemAlreadyExists", name);
          model.names.set(name, { name, formula: `=${quoted(area.sheet.name)}!$${letters(area.left)}$${area.top}`, visible: true });
        });
        return new Name(this.context, () => model.names.get(name));
      };
      return (this.names_ ??= names);
    }
    get worksheets() {
      const sheets = new Collection(this.context, () => model.sheets, (sheet) => new Sheet(this.context, () => sheet));
      sheets.getItem = (name) => new Sheet(this.context, () => sheetOf(name) ?? null);
      sheets.getItemOrNullObject = sheets.getItem;
      sheets.add = (name) => {
        let made = null;
        this.context.queue(() => {
          if (sheetOf(name)) throw refused("ItemAlreadyExists", name);
          model.sheets.push((made = newSheet(name)));
        });
        return new Sheet(this.context, () => made);
      };
      for (const [event, list] of Object.entries(handlers)) sheets[event] = { add: (handler) => this.context.queue(() => list.push(handler)) };
      return (this.sheets_ ??= sheets);
    }
    get tables() {
      return { getItemOrNullObject: (name) => new Table(this.context, () => model.sheets.flatMap(({ tables }) => tables).find((table) => table.name === name) ?? null) };
    }
    get functions() {
      return { date: (year, month, day) => new Serial(this.context, () => (Date.UTC(year, month - 1, day) - Date.UTC(1899, 11, 30)) / 86_400_000 - (model.date1904 ? 1462 : 0)) };
    }
    getSelectedRange() {
      return new Range(this.context, () => {
        const [name, row, column] = fake.selected ?? [model.sheets[0].name, 1, 1];
        return { sheet: sheetOf(name), top: row, left: column, bottom: row, right: column };
      });
    }
  }
  properties(Workbook, { name: () => model.name });
  class Serial extends Thing {}
  properties(Serial, { value: (value) => value });

  class Context {
    constructor() {
      this.waiting = [];
      this.workbook = new Workbook(this, () => model);
      this.application = {
        suspendApiCalculationUntilNextSync: () => { fake.suspended += 1; },
        suspendScreenUpdatingUntilNextSync: () => { fake.suspended += 1; },
      };
    }
    queue(doing) {
      this.waiting.push(doing);
    }
    async sync() {
      fake.calls += 1;
      await Promise.resolve();
      const waiting = this.waiting.splice(0);
      for (const doing of waiting) doing();
    }
  }

  async function run(work) {
    fake.runs += 1;
    if (fake.meanwhile && (fake.meanwhile[0] -= 1) === 0) {
      const [, doing] = fake.meanwhile;
      fake.meanwhile = null;
      doing();
    }
    if (fake.busy) throw refused("InvalidOperationInCellEditMode", "Excel is in cell-editing mode");
    const context = new Context();
    const given = await work(context);
    await context.sync();
    return given;
  }

  Object.assign(fake, {
    open(book) {
      Object.assign(model, { name: book.title, date1904: book.date_1904, sheets: [], names: new Map() });
      for (const { name, refers_to: formula } of book.names) model.names.set(name, { name, formula, visible: !name.startsWith("_") });
      for (const told of book.sheets) {
        const sheet = newSheet(told.name);
        model.sheets.push(sheet);
        sheet.hidden = told.hidden;
        sheet.merges = told.merges;
        const area = ([top, left, bottom, right]) => ({ sheet, top, left, bottom, right });
        sheet.tables = told.tables.map((table) => ({ name: table.name, area: area(table.area), totals: table.totals }));
        sheet.offers = told.dropdowns.map(([column, source]) => ({ sheet, top: 2, left: column, bottom: 1_048_576, right: column, source }));
        told.values.forEach((row, down) => row.forEach((value, right) => {
          if (value !== "") setCell(sheet, told.row + down, told.column + right, { value });
        }));
        const bottom = told.row + told.values.length - 1;
        for (const [column, first, last, format] of told.formats) for (let row = first; row <= Math.min(last, bottom); row += 1) setCell(sheet, row, column, { format });
        for (const [column, first, last] of told.formulas) for (let row = first; row <= Math.min(last, bottom); row += 1) setCell(sheet, row, column, { formula: "=TODAY()" });
        sheet.rules = told.rules.map(({ formula, ranges }) => ({ id: (identity += 1), sheet, type: "Custom", formula, look: {}, areas: ranges.map((each) => {
          const [, left, top, right, end] = /^([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?$/.exec(each);
          return { sheet, top: Number(top), left: number(left), bottom: Number(end ?? top), right: number(right ?? left) };
        }) }));
      }
    },
    type(name, row, column, value) {
      setCell(sheetOf(name), row, column, typed(value));
      handlers.onChanged.forEach((handler) => handler({}));
    },
    at(name, row, column) {
      return cellOf(sheetOf(name), row, column);
    },
    rules(name) {
      return sheetOf(name).rules.map(({ formula, areas, look }) => ({ formula, ranges: areas.map((area) => address(area).split("!")[1]), ...look }));
    },
    sort(name, first, last, by) {
      const sheet = sheetOf(name);
      const right = used(sheet).right;
      const rows = [];
      for (let row = first; row <= last; row += 1) rows.push(Array.from({ length: right }, (_, place) => cellOf(sheet, row, place + 1)));
      rows.sort((one, other) => String(one[by - 1].value).localeCompare(String(other[by - 1].value)));
      rows.forEach((cells, down) => cells.forEach((cell, place) => setCell(sheet, first + down, place + 1, { link: undefined, ...cell })));
      handlers.onChanged.forEach((handler) => handler({}));
    },
    insertColumn(name, before) {
      const sheet = sheetOf(name);
      for (const cells of sheet.rows) cells?.splice(before, 0, EMPTY);
      handlers.onChanged.forEach((handler) => handler({}));
    },
    select(name, row, column) {
      fake.selected = [name, row, column];
      const { id } = sheetOf(name);
      handlers.onSelectionChanged.forEach((handler) => handler({ address: letters(column) + row, worksheetId: id }));
    },
    names() {
      return [...model.names.values()];
    },
  });
  window.fake = fake;
  window.Excel = { run };
  window.Office = { onReady: () => Promise.resolve({ host: "Excel", platform: "PC" }), context: { requirements: { isSetSupported: () => true } } };
})();
