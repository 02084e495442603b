/** The page: connects, shows today and one row, and carries out what the person asks for, one thing at a time. */

import { RefusedError, ask, forget, pair, paired } from "./api.js";
import { at, capital, make, open, sentence as said, theirs } from "./elements.js";
import { day, moment } from "./dates.js";
import { List } from "./list.js";
import { beginRow, failRow, showRow } from "./row.js";
import { openLog } from "./log.js";
import { beginDrafts, failDrafts, showDrafts } from "./draft.js";

const OFFICE = "https://appsforoffice.microsoft.com/lib/1/hosted/office.js";
const inExcel = new URLSearchParams(location.search).get("page") === "excel";

let host;
let today = null;
let chosen = null;
let detail = null;
/** What is being done. Whatever is asked for meanwhile is done after it, in turn. */
let doing = Promise.resolve();
let busy = 0;
/** Whether it is being looked up what Undo would take back. */
let asking = false;
/** Counts the rows asked for, so that a late answer about another one is not shown. */
let turn = 0;
/** The one-time code of the address, until it was given for a token. */
let code = codeHere();
const list = new List((row) => choose(row));

// What is said to the person

function tell(sentences) {
  at("told").replaceChildren(...sentences.map((sentence) => make("p", {}, ...said(sentence))));
}

function complain(sentence) {
  at("trouble").replaceChildren(...(sentence ? [make("p", {}, ...said(sentence))] : []));
}

/** Only one of the gate, the waiting line and the tracker is shown. */
function view(name) {
  for (const id of ["gate", "loading"]) at(id).hidden = id !== name;
  at("today").hidden = name !== "tracker";
  at("acts").hidden = name !== "tracker";
  at("row").hidden = name !== "tracker" || (chosen === null && !wide());
  at("main").dataset.view = name === "tracker" && chosen !== null ? "row" : name;
}

function wide() {
  return matchMedia("(min-width: 52rem)").matches;
}

function gate(title, text, { digits = false, again = false } = {}) {
  today = null;
  at("gate-title").textContent = title;
  at("gate-text").replaceChildren(...said(text));
  at("pairing").hidden = !digits;
  at("again").hidden = !again;
  view("gate");
  if (digits) at("code").focus();
}

// Asking the server, in Excel with the open workbook and back into it

async function send(name, body = {}) {
  // a look at one row may do with what was read a moment ago: whatever is written is compared anyway
  const book = await host.readBook({ fresh: name !== "row" && name !== "draft" });
  const answer = await ask(name, book === null ? body : { ...body, book });
  if (!answer.changes) return { answer, left: [] };
  const { written, skipped, moved } = await host.applyChanges(answer.changes, name);
  if (!skipped.length && !moved) return { answer, left: [] };
  // what was left alone or was sorted elsewhere is not as the answer says, so today is asked for anew
  const told = written || name === "sync" ? answer.told : ["Nothing was written."];
  const anew = await ask("today", { book: await host.readBook() });
  return { answer: { ...anew, changed_cells: written, written: written > 0, told }, left: skipped.map(untouched) };
}

function untouched({ place, reason }) {
  return `Left alone: ${place}. ${reason}`;
}

/** Do one thing that may take a while, after what was asked for before. The focus stays where it is. */
function during(button, words, work) {
  if (button?.getAttribute("aria-disabled") === "true") return doing;
  const label = button?.textContent;
  if (button) {
    button.setAttribute("aria-disabled", "true");
    button.textContent = words;
  }
  busy += 1;
  doing = doing.then(() => one(work)).finally(() => {
    busy -= 1;
    if (button) {
      button.removeAttribute("aria-disabled");
      button.textContent = label;
    }
    if (today) undoable();
  });
  return doing;
}

async function one(work) {
  at("main").setAttribute("aria-busy", "true");
  complain("");
  try {
    await work();
  } catch (error) {
    failed(error);
  } finally {
    at("main").removeAttribute("aria-busy");
  }
}

function failed(error) {
  tell([]);
  if (error instanceof RefusedError && error.lost) {
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
    lost(error.message);
  } else if (today === null) gate("This did not work", error.message, { again: true });
  else complain(error.message);
}

function lost(sentence) {
  if (inExcel) gate("Connect to sheetsync", `${sentence} Type the six digits that \`sheetsync serve --pane\` shows.`, { digits: true });
  else gate("This page is not connected", sentence);
}

// Today

function showToday(answer) {
  // in Excel the page itself keeps what takes the last change back
  today = host.undoable ? { ...answer, undo: host.undoable() } : answer;
  document.title = `${answer.title}: follow-ups`;
  document.querySelector("h1").textContent = answer.title;
  at("place").replaceChildren(`As of ${day(answer.as_of)}`);
  if (answer.google_url?.startsWith("https://docs.google.com/")) {
    at("place").append(" · ", make("a", { href: answer.google_url, target: "_blank", rel: "noopener noreferrer", textContent: "Open the spreadsheet" }));
  }
  at("place").title = answer.target;
  list.show(answer);
  if (chosen !== null && !thread(chosen)) leave();
  if (chosen === null) at("row-body").replaceChildren(make("p", { className: "quiet pick", textContent: "Choose a row to see why it is due and what happened so far." }));
  undoable();
  view("tracker");
}

function undoable() {
  const button = at("undo");
  if (today.undo) {
    button.removeAttribute("aria-disabled");
    button.title = last();
  } else {
    button.setAttribute("aria-disabled", "true");
    button.title = "There is nothing to take back.";
  }
}

function last() {
  const { what, about, when } = today.undo;
  return [capital(what), about, moment(when, today.as_of)].filter(Boolean).join(", ");
}

function thread(row) {
  return today.rows.find((one) => one.row === row);
}

/** A row for the server: where it stood, and who it is about, for it may have been sorted elsewhere since. */
function meant(row) {
  const { company, role, contact } = thread(row);
  return { row, who: [company, role, contact] };
}

async function load() {
  view("loading");
  const { answer } = await send("today");
  showToday(answer);
}

/** After something was done: today anew, the row that is shown anew, and what the server says about it. */
async function done({ answer, left }, otherwise) {
  showToday(answer);
  const told = answer.told?.length ? answer.told : [otherwise];
  tell([...told, ...left]);
  if (chosen !== null) await refresh();
}

// One row

const acts = {
  log: () => logContact(),
  draft: () => draftMessage(),
  get show() {
    return inExcel ? () => during(at("row-show"), "Show in the sheet", () => host.showRow(chosen)) : null;
  },
};

async function choose(row, { focus = true } = {}) {
  if (!thread(row)) return;
  chosen = row;
  detail = null;
  list.choose(row);
  view("tracker");
  complain("");
  beginRow(thread(row), today.as_of, acts);
  if (focus) at("row-title").focus({ preventScroll: wide() });
  at("row").scrollTop = 0;
  if (!wide()) scrollTo(0, 0);
  await refresh();
}

async function refresh() {
  const mine = ++turn;
  const row = chosen;
  try {
    const { answer } = await send("row", meant(row));
    if (mine !== turn || row !== chosen) return;
    if (answer.thread.row !== row) {
      await moved(answer.thread.row);
      return;
    }
    detail = answer;
    const focused = at("row-body").contains(document.activeElement) ? document.activeElement.id : "";
    showRow(answer, today.as_of);
    if (focused) at(focused)?.focus({ preventScroll: true });
  } catch (error) {
    if (mine !== turn) return;
    if (error instanceof RefusedError && error.status === 409) await moved(null, error.message);
    else if (error instanceof RefusedError && !error.lost) failRow(thread(row), today.as_of, error.message);
    else failed(error);
  }
}

/** The rows stand elsewhere now: the list is shown anew, in Excel with the row that is selected there. */
async function moved(row, sentence = "") {
  const { answer } = await send("today");
  leave();
  showToday(answer);
  complain(sentence);
  const now = inExcel ? await host.selectedRow() : row;
  if (now !== null && thread(now)) await choose(now, { focus: false });
}

function leave() {
  chosen = null;
  detail = null;
  turn += 1;
  list.choose(null);
}

function back() {
  const row = chosen;
  leave();
  view("tracker");
  list.focus(row);
}

// What the buttons do

function sync() {
  return during(at("sync"), "Syncing …", async () => {
    tell([]);
    const result = await send("sync");
    const { changed_cells: cells, written } = result.answer;
    const nothing = result.left.length ? "Nothing was written." : "Everything was up to date already.";
    const first = written ? `${cells.toLocaleString("en")} ${cells === 1 ? "cell is" : "cells are"} new.` : nothing;
    await done({ ...result, answer: { ...result.answer, told: [first, ...(result.answer.told ?? [])] } }, first);
  });
}

function logContact() {
  const row = chosen;
  openLog({
    thread: thread(row),
    people: detail?.people ?? [],
    channels: today.channels,
    asOf: today.as_of,
    save: (fields) => send("log", { ...meant(row), ...fields }),
    saved: (result) => during(null, "", () => done(result, "The contact is logged.")),
  });
}

function draftMessage() {
  const row = chosen;
  beginDrafts(thread(row));
  return during(null, "", async () => {
    try {
      const { answer } = await send("draft", meant(row));
      showDrafts(answer);
    } catch (error) {
      if (error.lost) throw error;
      failDrafts(error.message);
    }
  });
}

/** Ask before the last change is taken back: the last one by now, for another tab, a command or the night may have written. */
function askUndo() {
  if (asking) return doing;
  if (host.undo) {
    if (today.undo) confirmUndo();
    return doing;
  }
  asking = true;
  return during(null, "", async () => {
    const { answer } = await send("today");
    showToday(answer);
    if (today.undo) confirmUndo();
    else tell(["There is nothing to take back."]);
  }).finally(() => {
    asking = false;
  });
}

function confirmUndo() {
  at("undo-what").replaceChildren(theirs(last()), ".");
  open(at("undoing"));
}

function undo() {
  at("undoing").close();
  return during(at("undo"), "Undoing …", async () => {
    tell([]);
    try {
      await done(host.undo ? await undoHere() : await send("undo", { mark: today.undo.mark }), "The last change is taken back.");
    } catch (error) {
      if (!(error instanceof RefusedError && error.status === 409)) throw error;
      const { answer } = await send("today");
      showToday(answer);
      complain(error.message);
    }
  });
}

async function undoHere() {
  const { skipped, told } = await host.undo();
  const { answer } = await send("today");
  return { answer: { ...answer, told }, left: skipped.map(untouched) };
}

// Beginning

function codeHere() {
  return new URLSearchParams(location.hash.slice(1)).get("code");
}

/** A new link in the tab that lost its connection differs in its code alone, so the browser loads nothing. */
function newLink() {
  if (codeHere() === null) return;
  code = codeHere();
  doing = doing.then(begin);
}

function loadOffice() {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error("Excel's own script (office.js) cannot be loaded: look whether this computer is online, then try again."));
    const script = make("script", { src: OFFICE, onload: () => Office.onReady().then(resolve, fail), onerror: fail });
    document.head.append(script);
  });
}

async function connect() {
  if (code) {
    // it is worth nothing once it was used, so it need not stay in the address
    history.replaceState(null, "", location.pathname + location.search);
    forget();
    try {
      await pair(code);
      code = null;
    } catch (error) {
      gate("This page is not connected", error.message, { again: !(error instanceof RefusedError) });
      return false;
    }
  }
  if (paired()) return true;
  if (inExcel) gate("Connect to sheetsync", "Type the six digits that `sheetsync serve --pane` shows.", { digits: true });
  else gate("This page is not connected", "Start `sheetsync serve` with your tracker, and open the address that it prints.");
  return false;
}

async function begin() {
  try {
    const coming = import(inExcel ? "./host-excel.js" : "./host-file.js");
    if (inExcel && typeof Office === "undefined") await loadOffice();
    host ??= await coming;
    if (!(await connect())) return;
    await load();
    if (inExcel) await follow();
  } catch (error) {
    failed(error);
  }
}

/** In Excel the row that is selected in the sheet is the one that is shown. */
async function follow() {
  const show = (row) => (row !== chosen && !busy && thread(row) ? choose(row, { focus: false }) : null);
  host.onSelection(show);
  show(await host.selectedRow());
}

at("sync").addEventListener("click", sync);
at("undo").addEventListener("click", askUndo);
at("undo-yes").addEventListener("click", undo);
at("back").addEventListener("click", back);
at("again").addEventListener("click", begin);
at("row").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && chosen !== null) back();
});
at("pairing").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await pair(at("code").value.trim());
    at("code").value = "";
    await begin();
  } catch (error) {
    at("gate-text").replaceChildren(...said(error.message));
    at("code").select();
  }
});
addEventListener("hashchange", newLink);
matchMedia("(min-width: 52rem)").addEventListener("change", () => today && view("tracker"));
begin();
