/** Today's list: counts that also filter, a search, and the threads in groups, the overdue ones first. */

import { at, joined, make, sentence, theirs } from "./elements.js";
import { when } from "./dates.js";

const NOW = ["Overdue", "Due"];
const GROUPS = [
  { name: "Contact now", has: (word) => NOW.includes(word) },
  { name: "Soon", has: (word) => word === "Upcoming" },
  { name: "Nothing to do now", has: (word) => !NOW.includes(word) && word !== "Upcoming" },
];
const WORDS = ["Overdue", "Due", "Upcoming", "Waiting", "Cold", "Paused", "Needs info", "Closed"];
/** How many threads stand there at once, and how many follow whenever the browser is idle. */
const FIRST = 60;
const NEXT = 200;

const soon = window.requestIdleCallback ?? ((work) => setTimeout(work, 16));

/** The list on the page. `onOpen(row)` is called for the thread that the person chooses. */
export class List {
  #today = null;
  #only = null;
  #sought = "";
  #waiting = [];
  #turn = 0;
  #chosen = null;
  #onOpen;
  #groups = at("groups");

  constructor(onOpen) {
    this.#onOpen = onOpen;
    at("find").addEventListener("input", (event) => {
      this.#sought = plain(event.target.value);
      this.#draw();
    });
    this.#groups.addEventListener("keydown", (event) => this.#walk(event));
    this.#groups.addEventListener("click", (event) => {
      const button = event.target.closest("button.thread");
      if (button) this.#onOpen(Number(button.dataset.row));
    });
    this.#groups.addEventListener("focusin", (event) => this.#tab(event.target.closest("button.thread")));
  }

  /** Show what the server says about today. The focus stays on the thread that had it. */
  show(today) {
    this.#today = today;
    if (this.#only && !today.counts[this.#only]) this.#only = null;
    at("find").closest(".find").hidden = today.rows.length < 8;
    this.#counts();
    this.#draw();
    this.#problems();
  }

  /** Mark the thread that is shown beside the list; null for none. */
  choose(row) {
    this.#chosen = row;
    for (const button of this.#groups.querySelectorAll("[aria-current]")) button.removeAttribute("aria-current");
    this.#mark(row === null ? null : this.#button(row));
  }

  /** Put the focus on a row's thread, if it is listed, else on the first one. */
  focus(row) {
    while (!this.#button(row) && this.#waiting.length) this.#more(NEXT);
    (this.#button(row) ?? this.#groups.querySelector("button.thread"))?.focus();
  }

  #button(row) {
    return this.#groups.querySelector(`button.thread[data-row="${row}"]`);
  }

  #mark(button) {
    button?.setAttribute("aria-current", "true");
  }

  #counts() {
    const held = document.activeElement?.dataset?.only;
    const counts = WORDS.map((word) => [word, this.#today.counts[word] ?? 0]).filter(([, count]) => count > 0);
    at("counts").replaceChildren(
      ...counts.map(([word, count]) =>
        make(
          "button",
          {
            type: "button",
            className: "count",
            "aria-pressed": String(this.#only === word),
            data: { only: word, is: word },
            onclick: () => {
              this.#only = this.#only === word ? null : word;
              this.#counts();
              this.#draw();
            },
          },
          make("strong", { textContent: count.toLocaleString("en") }),
          ` ${word}`,
        ),
      ),
    );
    if (held) at("counts").querySelector(`[data-only="${held}"]`)?.focus();
  }

  #shown() {
    const fits = (thread) =>
      (!this.#only || thread.follow_up === this.#only) &&
      (!this.#sought ||
        plain([thread.company, thread.contact, thread.role, thread.next_action].join(" ")).includes(this.#sought));
    const left = this.#today.rows.filter(fits);
    const first = (thread) => (thread.follow_up === "Overdue" ? 0 : 1);
    return GROUPS.flatMap(({ name, has }) => {
      const threads = left.filter((thread) => has(thread.follow_up)).sort((one, other) => first(one) - first(other));
      return threads.map((thread, place) => ({ thread, group: place === 0 ? { name, count: threads.length } : null }));
    });
  }

  #draw() {
    const held = document.activeElement?.closest?.("#groups button.thread")?.dataset.row;
    this.#turn += 1;
    this.#groups.replaceChildren();
    this.#waiting = this.#shown();
    const many = this.#waiting.length;
    at("found").textContent =
      this.#sought || this.#only ? `${many.toLocaleString("en")} of ${this.#today.rows.length.toLocaleString("en")} shown.` : "";
    if (many === 0) this.#nothing();
    else if (!this.#sought && !this.#only && !this.#today.rows.some((thread) => NOW.includes(thread.follow_up))) {
      this.#groups.append(make("p", { className: "calm", textContent: "Nothing is due today." }));
    }
    this.#more(FIRST);
    if (held !== undefined) this.focus(Number(held));
    this.#later(this.#turn);
  }

  #nothing() {
    const words =
      this.#sought || this.#only
        ? "Nothing in the list fits."
        : "There are no threads yet: fill in the tracker, then choose Sync now.";
    this.#groups.append(make("p", { className: "calm", textContent: words }));
  }

  #later(turn) {
    if (!this.#waiting.length) return;
    soon(() => {
      if (turn !== this.#turn) return;
      this.#more(NEXT);
      this.#later(turn);
    });
  }

  #more(count) {
    for (const { thread, group } of this.#waiting.splice(0, count)) {
      if (group) {
        const heading = make("h2", {}, group.name, make("span", { className: "number", textContent: group.count.toLocaleString("en") }));
        this.#groups.append(heading, make("ol"));
      }
      this.#groups.lastElementChild.append(make("li", {}, this.#thread(thread)));
    }
    if (!this.#groups.querySelector('button.thread[tabindex="0"]')) this.#tab(this.#groups.querySelector("button.thread"));
  }

  #thread(thread) {
    const button = make(
      "button",
      { type: "button", className: "thread", tabIndex: -1, data: { row: thread.row, is: thread.follow_up ?? "" } },
      make(
        "span",
        { className: "who" },
        make("span", { className: "company" }, theirs(thread.company ?? thread.contact ?? thread.role ?? `Row ${thread.row}`)),
        thread.follow_up ? make("span", { className: "word", textContent: thread.follow_up }) : null,
      ),
      make(
        "span",
        { className: "more" },
        ...joined([thread.company && thread.contact ? theirs(thread.contact) : null, thread.role ? theirs(thread.role) : null], ", "),
      ),
      thread.next_action ? make("span", { className: "what" }, theirs(thread.next_action)) : null,
      make("span", { className: "when", textContent: when(thread, this.#today.as_of) }),
    );
    if (thread.row === this.#chosen) this.#mark(button);
    return button;
  }

  #problems() {
    const { problems } = this.#today;
    const box = at("problems");
    box.hidden = problems.length === 0;
    const many = problems.length === 1 ? "One thing needs" : `${problems.length} things need`;
    box.querySelector("summary").textContent = `${many} a look`;
    box.querySelector("ul").replaceChildren(
      ...problems.map(({ place, message }) => make("li", {}, make("strong", { textContent: place }), " ", ...sentence(message))),
    );
  }

  /** One thread takes part in the Tab order, as in any list; the arrow keys go on from there. */
  #tab(button) {
    if (!button) return;
    for (const other of this.#groups.querySelectorAll('button.thread[tabindex="0"]')) other.tabIndex = -1;
    button.tabIndex = 0;
  }

  #walk(event) {
    if (!["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key) || event.altKey || event.ctrlKey || event.metaKey) return;
    const here = event.target.closest("button.thread");
    if (!here) return;
    event.preventDefault();
    if (event.key === "End") this.#more(this.#waiting.length);
    let all = [...this.#groups.querySelectorAll("button.thread")];
    let next = { Home: 0, End: all.length - 1, ArrowUp: all.indexOf(here) - 1, ArrowDown: all.indexOf(here) + 1 }[event.key];
    if (next >= all.length && this.#waiting.length) {
      this.#more(NEXT);
      all = [...this.#groups.querySelectorAll("button.thread")];
    }
    next = Math.min(Math.max(next, 0), all.length - 1);
    all[next].focus();
  }
}

/** Text as it is sought: without capitals and accents. */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase().trim();
}
