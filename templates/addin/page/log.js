/** The dialog that logs a contact. */

import { at, joined, make, open, sentence as said, theirs } from "./elements.js";

/**
 * Ask what happened and hand it to `save(fields)`, which raises with a sentence if it is refused. Once the dialog is
 * closed and the focus back where it was, `saved(result)` is called.
 *
 * `people` are offered, `channels` are what the tracker's History calls them; the date begins as the server's own day.
 */
export function openLog({ thread, people, channels, asOf, save, saved }) {
  const form = at("log-form");
  const name = thread.company ?? thread.contact ?? thread.role ?? `Row ${thread.row}`;
  at("log-who").replaceChildren(...joined([theirs(name), thread.company && thread.role ? theirs(thread.role) : null], ", "));
  at("log-people").replaceChildren(...people.map((person) => make("option", { value: person })));
  at("log-channel").replaceChildren(...channels.map((channel) => make("option", { value: channel, textContent: channel })));
  form.reset();
  form.elements.person.value = thread.person ?? (people.length === 1 ? people[0] : "");
  const usual = channels.find((channel) => channel.toLowerCase() === (thread.channel ?? "").toLowerCase());
  if (usual) form.elements.channel.value = usual;
  form.elements.on.value = asOf;
  form.elements.on.max = asOf;
  tell("");
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (at("log-save").getAttribute("aria-disabled") === "true") return;
    if (!form.elements.on.value) {
      tell("Give the date of the contact.");
      form.elements.on.focus();
      return;
    }
    at("log-save").setAttribute("aria-disabled", "true");
    let result;
    try {
      result = await save({
        person: form.elements.person.value.trim(),
        channel: form.elements.channel.value,
        on: form.elements.on.value,
        received: form.elements.received.value === "yes",
        note: form.elements.note.value.trim(),
      });
    } catch (error) {
      tell(error.message);
      return;
    } finally {
      at("log-save").removeAttribute("aria-disabled");
    }
    at("log").close();
    saved(result);
  };
  open(at("log"));
}

function tell(sentence) {
  at("log-trouble").replaceChildren(...said(sentence));
}
