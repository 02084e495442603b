/**
 * The menu "Follow-ups" in a spreadsheet that sheetsync keeps up to date.
 *
 * It shows what the last sync wrote, puts what you pick into the Log column, and opens drafts in Gmail. It has no rules of
 * its own, works out no dates, and sees no other file: whom to contact when is worked out by `sheetsync sync`.
 */

/* words: `sheetsync addin google` writes those of your own catalogue in here */
const WORDS = {
  "columns": {
    "next_contact": "Next contact",
    "contact_by": "Contact by",
    "next_action": "Next action",
    "follow_up": "Follow-up",
    "days_overdue": "Days overdue",
    "why": "Why",
    "id": "ID",
    "log": "Log",
    "log_date": "Log date",
    "draft": "Draft",
    "coach_note": "Coach note"
  },
  "follow_up": {
    "Overdue": "Overdue",
    "Due": "Due",
    "Upcoming": "Upcoming"
  },
  "log": [
    "Emailed",
    "Called",
    "Called, no answer",
    "Met",
    "They replied",
    "They replied, nothing to answer",
    "They said no",
    "Snooze a week",
    "Close"
  ],
  "fields": {
    "company": [
      "Company",
      "Organisation",
      "Client"
    ],
    "role": [
      "Role",
      "Position",
      "Project"
    ],
    "contact": [
      "Contact",
      "Name"
    ],
    "email": [
      "Email"
    ]
  }
};
/* end of the words */

const TITLE = "Follow-ups";
const COMPUTED = ["next_contact", "contact_by", "next_action", "follow_up", "days_overdue", "why"];
const MOST = 50;
/** How many rows at the top of a sheet are looked at for our headers where the marks are missing. */
const TOP = 50;
const PATIENCE = 5000;

// The menu

function onOpen() {
  SpreadsheetApp.getUi()
    .createMenu(TITLE)
    .addItem("Today", "showToday")
    .addItem("Log contact", "showLog")
    .addItem("Open draft", "showDraft")
    .addToUi();
}

function showToday() {
  sidebar_("today");
}

function showLog() {
  sidebar_("log");
}

function showDraft() {
  sidebar_("draft");
}

function sidebar_(view) {
  const page = HtmlService.createTemplateFromFile("Sidebar");
  page.view = view;
  SpreadsheetApp.getUi().showSidebar(page.evaluate().setTitle(TITLE));
}

// What the sidebar asks

/** What is due, the overdue first: {asOf: "y-m-d" or "", rows, more}. */
function today() {
  const tracker = tracker_();
  const words = WORDS.follow_up;
  const rows = rows_(tracker);
  const sorted = Object.keys(words).flatMap((word) =>
    rows.filter((row) => row.followUp === words[word]).map((row) => Object.assign(row, { word })),
  );
  return { asOf: asOf_(), rows: sorted.slice(0, MOST), more: Math.max(sorted.length - MOST, 0) };
}

/** The row that is selected in the tracker and what can be logged for it; null if none is. */
function picked() {
  const tracker = tracker_();
  const here = SpreadsheetApp.getActiveSheet().getActiveRange();
  if (!here || SpreadsheetApp.getActiveSheet().getSheetId() !== tracker.sheet.getSheetId()) return null;
  return here.getRow() > tracker.header ? one(here.getRow()) : null;
}

/** One row and what can be logged for it; null if nothing stands in it. */
function one(row) {
  const tracker = tracker_();
  const found = row_(tracker, row);
  if (found === null) return null;
  return Object.assign(found, { picks: tracker.columns.log ? picks_(tracker, row) : [], day: day_(new Date()) });
}

/** Select a row in the sheet. */
function show(row) {
  const { sheet } = tracker_();
  sheet.activate();
  sheet.getRange(whole_(row), 1).activate();
}

/**
 * Put a pick, and the day of it as "y-m-d", into the Log columns, from which the next sync takes it.
 *
 * `who` is the row's name as the sidebar showed it: a sheet that was sorted meanwhile is not written into.
 */
function logPick(row, who, pick, day) {
  return alone_(() => {
    const tracker = tracker_();
    const { sheet, columns } = tracker;
    if (!columns.log) throw new Error("This tracker has no Log column yet: run `sheetsync add` for it with `log`.");
    const found = row_(tracker, whole_(row));
    if (found === null || found.who !== who) throw new Error("The rows have moved meanwhile: choose the row again.");
    if (!picks_(tracker, row).includes(pick)) throw new Error(`“${pick}” is none of what Log offers: choose one of its words.`);
    if (day && !real_(day)) throw new Error("That is no day: choose it again.");
    const cell = sheet.getRange(row, columns.log);
    const standing = String(cell.getDisplayValue()).trim();
    const date = columns.log_date ? sheet.getRange(row, columns.log_date) : null;
    if (standing && standing !== pick) {
      throw new Error(`The Log column of row ${row} says “${standing}” already, which the next sync takes. Empty that cell if it is wrong.`);
    }
    if (standing === pick && (!date || written_(date) === day)) return `Row ${row}, ${who}: “${pick}” stands there already.`;
    cell.setValue(pick);
    if (date) day ? date.setValue(day) : date.clearContent();
    SpreadsheetApp.flush();
    return `Row ${row}, ${who}: “${pick}”. The next sync puts it into the History.`;
  });
}

/** Whom a draft goes to and the address that opens it in Gmail: {who, to, subject, full, url}. */
function draftLink(row) {
  const tracker = tracker_();
  const found = row_(tracker, whole_(row));
  if (found === null) throw new Error("Nothing stands in that row: choose another one.");
  const letter = drafted_(tracker, row) || plain_(tracker, found);
  if (!letter) throw new Error(`Row ${row}, ${found.who}, has neither a draft nor an address: run \`sheetsync draft\` with --link, or fill in the address.`);
  const parts = [["to", letter.to], ["su", letter.subject], ["body", letter.body]].filter(([, text]) => text);
  const query = parts.map(([name, text]) => `&${name}=${encodeURIComponent(text)}`).join("");
  return { row, who: found.who, to: letter.to, subject: letter.subject, full: Boolean(letter.body), url: `https://mail.google.com/mail/?view=cm&fs=1${query}` };
}

// The tracker

/** The sheet with our columns: {sheet, header, columns: {key: column}, headers}. */
function tracker_() {
  const sheets = SpreadsheetApp.getActiveSpreadsheet().getSheets();
  const marked = sheets.map(marked_).filter(Boolean);
  const originals = marked.filter(({ original }) => original);
  const chosen = originals.length ? originals : marked;
  if (chosen.length > 1) {
    const names = chosen.map(({ sheet }) => `“${sheet.getName()}”`).join(" and ");
    throw new Error(`The sheets ${names} both carry sheetsync's columns, because one is a copy of the other: delete them from the copy.`);
  }
  const found = chosen[0] || sheets.map(headed_).find(Boolean);
  if (!found) throw new Error("There is nothing of sheetsync in this spreadsheet yet: run `sheetsync sync` with its address first.");
  const width = Math.max(found.sheet.getLastColumn(), 1);
  found.headers = found.sheet.getRange(found.header, 1, 1, width).getDisplayValues()[0];
  return found;
}

/** A sheet whose columns sheetsync has marked. A copied tab may bring the marks of its original along. */
function marked_(sheet) {
  const found = (key) => sheet.createDeveloperMetadataFinder().withKey(key).find();
  const marks = found("sheetsync.column");
  if (!marks.length) return null;
  const columns = {};
  for (const mark of marks) {
    const place = mark.getLocation().getColumn();
    if (place) columns[mark.getValue()] = place.getColumn();
  }
  const note = note_(found("sheetsync.sheet"));
  const row = found("sheetsync.header").map((mark) => mark.getLocation().getRow()).find(Boolean);
  const header = row ? row.getRow() : note.header_row || 1;
  return { sheet, header, columns, original: note.sheet === sheet.getSheetId() };
}

function note_(marks) {
  try {
    return marks.length ? JSON.parse(marks[0].getValue()) : {};
  } catch (error) {
    return {};
  }
}

/** A sheet whose marks are gone, by our headers standing together in their order. */
function headed_(sheet) {
  const [rows, width] = [Math.min(sheet.getLastRow(), TOP), sheet.getLastColumn()];
  if (!rows || !width) return null;
  const cells = sheet.getRange(1, 1, rows, width).getDisplayValues();
  for (const [place, headers] of cells.entries()) {
    const first = headers.indexOf(WORDS.columns[COMPUTED[0]]);
    if (first < 0 || COMPUTED.some((key, step) => headers[first + step] !== WORDS.columns[key])) continue;
    const columns = {};
    for (const [key, word] of Object.entries(WORDS.columns)) {
      if (headers.includes(word)) columns[key] = headers.indexOf(word) + 1;
    }
    return { sheet, header: place + 1, columns };
  }
  return null;
}

/** Every filled row of the tracker, as it is shown there. */
function rows_(tracker) {
  const { sheet, header } = tracker;
  const count = sheet.getLastRow() - header;
  if (count < 1) return [];
  const cells = sheet.getRange(header + 1, 1, count, tracker.headers.length).getDisplayValues();
  return cells.map((texts, place) => read_(tracker, header + 1 + place, texts)).filter(Boolean);
}

function row_(tracker, row) {
  if (row <= tracker.header || row > tracker.sheet.getLastRow()) return null;
  const [texts] = tracker.sheet.getRange(row, 1, 1, tracker.headers.length).getDisplayValues();
  return read_(tracker, row, texts);
}

function read_(tracker, row, texts) {
  const ours = Object.values(tracker.columns);
  const theirs = texts.filter((text, place) => text.trim() && !ours.includes(place + 1));
  if (!theirs.length) return null;
  const own = (key) => (tracker.columns[key] ? texts[tracker.columns[key] - 1].trim() : "");
  const field = (name) => {
    const column = field_(tracker, name);
    return column ? texts[column - 1].trim() : "";
  };
  const who = field("company") || field("contact") || theirs[0].trim();
  const more = [field("contact"), field("role")].filter((text) => text && text !== who);
  return {
    row, who, more: more.join(", "), role: field("role"), email: field("email"), followUp: own("follow_up"),
    action: own("next_action"), by: own("contact_by"), overdue: own("days_overdue"), why: own("why"), log: own("log"),
  };
}

/** The person's own column of that field, by its header; 0 if there is none. */
function field_(tracker, name) {
  const ours = Object.values(tracker.columns);
  const headers = tracker.headers.map((header, place) => (ours.includes(place + 1) ? "" : header.trim().toLowerCase()));
  for (const word of WORDS.fields[name]) {
    const place = headers.indexOf(word.trim().toLowerCase());
    if (place >= 0) return place + 1;
  }
  return 0;
}

/** For which day the last sync that changed something worked it out, as "y-m-d"; "" if that is not known. */
function asOf_() {
  const marks = SpreadsheetApp.getActiveSpreadsheet().createDeveloperMetadataFinder().withKey("sheetsync.write").find();
  const day = marks.length ? String(marks[0].getValue()).split(" ")[1] : "";
  return day && real_(day) ? day : "";
}

// The Log columns

/** What the drop-down of a row's Log cell offers. */
function picks_(tracker, row) {
  const rule = tracker.sheet.getRange(row, tracker.columns.log).getDataValidation();
  if (!rule || rule.getCriteriaType() !== SpreadsheetApp.DataValidationCriteria.VALUE_IN_LIST) return WORDS.log;
  return rule.getCriteriaValues()[0];
}

/** Do something while nobody else runs this script; a sheet that stays busy is left as it is. */
function alone_(work) {
  const lock = LockService.getDocumentLock();
  if (!lock.tryLock(PATIENCE)) throw new Error("Somebody else is logging in this spreadsheet at this moment: try again in a few seconds.");
  try {
    return work();
  } finally {
    lock.releaseLock();
  }
}

/** The day in a cell as "y-m-d", in the spreadsheet's own time zone. */
function written_(cell) {
  const value = cell.getValue();
  return Object.prototype.toString.call(value) === "[object Date]" ? day_(value) : String(value).trim();
}

function day_(moment) {
  return Utilities.formatDate(moment, SpreadsheetApp.getActiveSpreadsheet().getSpreadsheetTimeZone(), "yyyy-MM-dd");
}

/** Whether "y-m-d" is a day that exists. */
function real_(day) {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!found) return false;
  const [year, month, date] = found.slice(1).map(Number);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return month >= 1 && month <= 12 && date >= 1 && date <= lengths[month - 1];
}

function whole_(row) {
  if (!Number.isInteger(row) || row < 1) throw new Error("Choose a row of the tracker first.");
  return row;
}

// Drafts

/** The draft that `sheetsync draft --link` left in the Draft column: {to, subject, body}; null if there is none. */
function drafted_(tracker, row) {
  if (!tracker.columns.draft) return null;
  const rich = tracker.sheet.getRange(row, tracker.columns.draft).getRichTextValue();
  const link = rich ? rich.getLinkUrl() : null;
  if (!link || !link.startsWith("mailto:")) return null;
  const [to, query = ""] = link.slice("mailto:".length).split("?");
  const fields = {};
  for (const part of query.split("&").filter(Boolean)) {
    const [name, ...value] = part.split("=");
    fields[name.toLowerCase()] = decodeURIComponent(value.join("="));
  }
  return { to: decodeURIComponent(to), subject: fields.subject || "", body: fields.body || "" };
}

/** Address and subject only, as in the Today sheet; null without an address. */
function plain_(tracker, { email, role, who }) {
  const [to] = email.split(/[;,\s]+/).filter((text) => text.includes("@"));
  return to ? { to, subject: [role, who].filter(Boolean).join(" - "), body: "" } : null;
}
