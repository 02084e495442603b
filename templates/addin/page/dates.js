/** Days as people say them. Nothing is counted here: which day it is, the server says. */

const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

/** "2026-11-18" as "Wed 18 Nov", with the year if it is another one than that of `beside` or if there is none. */
export function day(iso, beside = "") {
  const found = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso ?? "");
  if (!found) return iso ?? "";
  const [, year, month, date] = found;
  const parts = DAY.formatToParts(new Date(Date.UTC(Number(year), Number(month) - 1, Number(date))));
  const said = Object.fromEntries(parts.map((part) => [part.type, part.value]));
  // Intl writes Sept in English, where everything else here has three letters
  const short = `${said.weekday} ${said.day} ${said.month.slice(0, 3)}`;
  return beside.slice(0, 4) === year ? short : `${short} ${year}`;
}

/** A moment such as "2026-11-18T09:14:03Z" as "Wed 18 Nov, 09:14" of this computer's time; other words stay as they are. */
export function moment(text, beside = "") {
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text ?? "")) return day(text, beside);
  const here = new Date(text);
  const two = (number) => String(number).padStart(2, "0");
  const date = [here.getFullYear(), two(here.getMonth() + 1), two(here.getDate())].join("-");
  return `${day(date, beside)}, ${two(here.getHours())}:${two(here.getMinutes())}`;
}

/** When a thread is due, in words. */
export function when(thread, asOf) {
  const by = thread.contact_by ? `by ${day(thread.contact_by, asOf)}` : "";
  if (thread.follow_up === "Overdue" && thread.days_overdue) {
    const days = thread.days_overdue === 1 ? "a day" : `${thread.days_overdue} days`;
    return by ? `${by}, overdue by ${days}` : `overdue by ${days}`;
  }
  if (thread.follow_up === "Due") return by;
  return thread.next_contact ? day(thread.next_contact, asOf) : "";
}
