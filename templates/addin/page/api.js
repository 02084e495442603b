/** Asking the server: every call is a POST of JSON with the token of this session. */

const HEADER = "X-Sheetsync-Token";
const KEPT = "sheetsync-token";
/** A tab's token goes with the tab; Excel pairs once, however often its pane is closed. */
const store = new URLSearchParams(location.search).get("page") === "excel" ? localStorage : sessionStorage;

/** The server's own sentence about why it did not do what it was asked. */
export class RefusedError extends Error {
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }

  /** Whether the session is not known to the server (any more). */
  get lost() {
    return this.status === 401;
  }
}

/** The server does not answer at all. */
class SilentError extends Error {
  constructor() {
    super("sheetsync does not answer: start `sheetsync serve` again and open the address that it prints.");
  }
}

/** Whether there is a token; a tab keeps it until it is closed, so that a reload works. */
export function paired() {
  return store.getItem(KEPT) !== null;
}

/** Forget the token. */
export function forget() {
  store.removeItem(KEPT);
}

/** Give a one-time code for a token. Raises RefusedError and SilentError. */
export async function pair(code) {
  const answer = await send("pair", { code });
  store.setItem(KEPT, answer.token);
  return answer;
}

/** Ask for one of today, row, sync, log, draft and undo. Raises RefusedError and SilentError. */
export async function ask(name, body) {
  try {
    return await send(name, body);
  } catch (error) {
    if (error.lost) forget();
    throw error;
  }
}

async function send(name, body) {
  const headers = { "Content-Type": "application/json" };
  const token = store.getItem(KEPT);
  if (token !== null && name !== "pair") headers[HEADER] = token;
  let response;
  let answer = {};
  try {
    response = await fetch(`api/${name}`, { method: "POST", headers, body: JSON.stringify(body), cache: "no-store" });
    answer = await response.json();
  } catch {
    if (response === undefined || response.ok) throw new SilentError();
  }
  if (!response.ok) throw new RefusedError(answer.error ?? `sheetsync answered with ${response.status}.`, response.status);
  return answer;
}
