/** Making elements. Text goes in as text, never as HTML. */

/** Characters of a text of the person's own that are shown. */
const LONGEST = 1000;

/** An element with properties, `data` attributes and children; null and "" children are left out. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "data") Object.assign(element.dataset, value);
    else if (name.startsWith("aria-") || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** Text of the person's own, which may run from right to left, kept apart from the words around it; the rest of a very long one is in the sheet. */
export function theirs(text) {
  return make("bdi", { textContent: short(text), dir: "auto" });
}

/** A cell may hold 32,767 letters: a browser takes half a minute to find where such a word may break. */
function short(text) {
  return text.length > LONGEST ? `${text.slice(0, LONGEST).replace(/[\uD800-\uDBFF]$/, "")}…` : text;
}

/** A sentence in which commands stand between backticks. */
export function sentence(text) {
  return text.split(/`([^`]+)`/).map((part, place) => (place % 2 ? command(part) : part));
}

/** A command, which a line may break between its words only: not within --pane. */
function command(text) {
  const words = text.split(" ").map((word) => make("span", { className: "whole", textContent: word }));
  return make("code", {}, ...joined(words, " "));
}

/** The words of a list with a separator between them; what is empty is left out. */
export function joined(parts, separator) {
  const kept = parts.filter((part) => part);
  return kept.flatMap((part, place) => (place ? [separator, part] : [part]));
}

/** With a capital at its beginning. */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The element of that id. */
export function at(id) {
  return document.getElementById(id);
}

/** Open a dialog as a modal one; its buttons of class `close` and Escape close it, and focus goes back by itself. */
export function open(dialog) {
  for (const button of dialog.querySelectorAll("button.close")) button.onclick = () => dialog.close();
  if (!dialog.open) dialog.showModal();
}
