/** One thread: what is next and why, how its date came about, and what happened so far. */

import { at, capital, joined, make, sentence as said, theirs } from "./elements.js";
import { day, when } from "./dates.js";

/** Show a thread as today's list knows it, until the rest has come. */
export function beginRow(thread, asOf, acts) {
  at("row-body").replaceChildren(...head(thread, asOf, acts), make("p", { className: "loading", textContent: "Reading the row …" }));
}

/** Show the server's answer about a row. */
export function showRow({ thread, why, steps, history }, asOf) {
  at("row-body").replaceChildren(...head(thread, asOf), ...reasons(thread.why ?? why, steps), ...past(history, asOf));
}

/** Say why a row cannot be shown. */
export function failRow(thread, asOf, sentence) {
  at("row-body").replaceChildren(...head(thread, asOf), make("p", { className: "trouble" }, ...said(sentence)));
}

/** What stands on top of a row. Without `acts` its buttons stay the same ones: a dialog gives the focus back to them. */
function head(thread, asOf, acts = null) {
  const due = when(thread, asOf);
  return [
    make(
      "div",
      { className: "title" },
      make("h2", { id: "row-title", tabIndex: -1 }, theirs(thread.company ?? thread.contact ?? thread.role ?? `Row ${thread.row}`)),
      thread.follow_up ? make("span", { className: "word", textContent: thread.follow_up, data: { is: thread.follow_up } }) : null,
    ),
    make(
      "p",
      { className: "quiet" },
      ...joined([thread.role ? theirs(thread.role) : null, thread.company && thread.contact ? theirs(thread.contact) : null, `row\u00a0${thread.row}`], ", "),
    ),
    make("p", { className: "next" }, theirs(thread.next_action ?? "Nothing to do.")),
    due ? make("p", { className: "quiet", textContent: capital(due) }) : null,
    acts ? buttons(acts) : at("row-body").querySelector(".acts"),
  ].filter(Boolean);
}

function buttons({ log, draft, show }) {
  return make(
    "div",
    { className: "acts" },
    make("button", { type: "button", id: "row-log", className: "main", textContent: "Log contact", onclick: log }),
    make("button", { type: "button", id: "row-draft", textContent: "Draft", onclick: draft }),
    show ? make("button", { type: "button", id: "row-show", textContent: "Show in the sheet", onclick: show }) : null,
  );
}

function reasons(why, steps) {
  const found = [];
  if (why) found.push(make("h3", { textContent: "Why" }), make("p", { className: "why" }, theirs(why)));
  if (steps.length) {
    found.push(
      make(
        "details",
        { className: "steps" },
        make("summary", { textContent: "How this date came about" }),
        make("ol", {}, ...steps.map(({ text, source }) => make("li", {}, theirs(text), source ? make("span", { className: "source", textContent: source }) : null))),
      ),
    );
  }
  return found;
}

function past(history, asOf) {
  const title = make("h3", { textContent: "So far" });
  if (!history.length) return [title, make("p", { className: "quiet", textContent: "No contact is known yet." })];
  return [title, make("ol", { className: "history" }, ...history.map((contact) => entry(contact, asOf)))];
}

function entry({ on, direction, contact, channel, note }, asOf) {
  const side = direction === "in" ? "They got in touch" : "You got in touch";
  return make(
    "li",
    { data: { side: direction } },
    make("span", { className: "on", textContent: on ? day(on, asOf) : "" }),
    make(
      "span",
      { className: "said" },
      make("strong", { textContent: side }),
      ...[contact, channel].filter(Boolean).flatMap((word) => [", ", theirs(word)]),
      note ? make("span", { className: "note" }, theirs(note)) : null,
    ),
  );
}
