/** The dialog that shows drafts, with what is to be filled in and what the check says of them. */

import { at, capital, joined, make, open, sentence as said, theirs } from "./elements.js";

const GAP = /(\[\[[^\]]*\]\])/;
const KINDS = { error: "To mend", warning: "To look at" };

/** Open the dialog while the drafts are being written. */
export function beginDrafts(thread) {
  at("draft-who").replaceChildren(...joined([thread.company, thread.role].filter(Boolean).map(theirs), ", "));
  at("draft-after").hidden = true;
  at("draft-body").replaceChildren(make("p", { className: "loading", textContent: "Writing the draft …" }));
  open(at("draft"));
}

/** Show the drafts of a row, and what was refused with its reason. */
export function showDrafts({ drafts, refusals = [] }) {
  const none = drafts.length || refusals.length ? [] : [make("p", { className: "calm", textContent: "No message is next for this row." })];
  at("draft-after").hidden = !drafts.length;
  at("draft-body").replaceChildren(
    ...drafts.map((draft) => article(draft, drafts.length > 1)),
    ...refusals.map((reason) => make("p", { className: "calm" }, ...said(reason))),
    ...none,
  );
}

/** Say why there is no draft. */
export function failDrafts(sentence) {
  at("draft-body").replaceChildren(make("p", { className: "trouble" }, ...said(sentence)));
}

function article(draft, several) {
  const copied = make("span", { className: "quiet", role: "status" });
  const body = make("pre", { className: "body", tabIndex: 0, role: "group", "aria-label": "Text of the draft", dir: "auto" }, ...marked(draft.body));
  return make(
    "article",
    { className: "draft" },
    several ? make("h3", {}, theirs(draft.name)) : null,
    make(
      "dl",
      {},
      ...line("To", draft.to ? [theirs(draft.to)] : null),
      ...line("By", draft.channel ? [theirs(draft.channel)] : null),
      ...line("Subject", draft.subject ? marked(draft.subject) : null),
    ),
    make("p", { className: "sum", textContent: sum(draft) }),
    body,
    make(
      "div",
      { className: "acts" },
      make("button", { type: "button", className: "main copy", textContent: "Copy the text", onclick: () => copy(draft.body, body, copied) }),
      draft.mailto?.startsWith("mailto:")
        ? make("a", { className: "button", href: draft.mailto, textContent: "Open in mail" })
        : null,
      copied,
    ),
    remarks(draft),
  );
}

function line(name, value) {
  return value ? [make("dt", { textContent: name }), make("dd", {}, ...value)] : [];
}

/** Text whose gaps can be seen. */
function marked(text) {
  return text.split(GAP).map((part) => (GAP.test(part) ? make("mark", { textContent: part }) : part));
}

/** What the check says, and the gaps that are not marked in the text anyway. */
function remarks({ body, subject, gaps, findings }) {
  const list = make(
    "ul",
    { className: "remarks" },
    ...gaps.filter((gap) => !`${subject} ${body}`.includes(`[[${gap}]]`)).map((gap) => make("li", { data: { severity: "gap" } }, make("strong", { textContent: "Fill in" }), " ", theirs(gap))),
    ...findings.map(({ severity, message, source }) =>
      make(
        "li",
        { data: { severity } },
        make("strong", { textContent: KINDS[severity] ?? severity }),
        " ",
        theirs(message),
        source ? make("span", { className: "source", textContent: source }) : null,
      ),
    ),
  );
  return list.children.length ? list : null;
}

/** How much is still to be done, said before the text. */
function sum({ gaps, findings }) {
  const left = [];
  if (gaps.length) left.push(gaps.length === 1 ? "one marked gap to fill in" : `${gaps.length} marked gaps to fill in`);
  if (findings.length) left.push(findings.length === 1 ? "one remark of the check" : `${findings.length} remarks of the check`);
  const text = left.length ? left.join(", ") : "the check finds nothing to mend";
  return `${capital(text)}.`;
}

async function copy(text, body, told) {
  try {
    await navigator.clipboard.writeText(text);
    told.textContent = "Copied.";
  } catch {
    getSelection().selectAllChildren(body);
    told.textContent = "Selected: press Ctrl+C, or ⌘C on a Mac.";
  }
}
