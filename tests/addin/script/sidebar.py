"""The sidebar's page outside Google: its template filled in, and `google.script.run` played by recorded answers."""

from __future__ import annotations

import json
from typing import Any, Final

from sheetsync.resources import templates

_FAKE: Final = """<script>
const answers = ANSWERS;
window.asked = [];
window.google = { script: { get run() {
  let good = () => {};
  let bad = () => {};
  const run = {
    withSuccessHandler(handler) { good = handler; return run; },
    withFailureHandler(handler) { bad = handler; return run; },
  };
  for (const [name, given] of Object.entries(answers)) {
    run[name] = (...words) => {
      asked.push([name, ...words]);
      setTimeout(() => (given && given.error ? bad(new Error(given.error)) : good(given)), 0);
    };
  }
  return run;
} } };
</script>
"""


def sidebar(view: str, answers: dict[str, Any]) -> str:
    """The sidebar with one view open; `answers`: a function's value, or {"error": sentence}."""
    page = (templates() / "google-addon" / "Sidebar.html").read_text(encoding="utf-8")
    assert page.count("<?= view ?>") == 1
    fake = _FAKE.replace("ANSWERS", json.dumps(answers).replace("</", "<\\/"))
    return page.replace("<?= view ?>", view).replace("<script>", f"{fake}<script>", 1)


PICKED: Final = {
    "row": 2, "who": "Alder Ltd", "more": "Ann Alder, Analyst", "role": "Analyst", "email": "ann@alder.example", "followUp": "Due",
    "action": "Thank Ann Alder by email", "by": "2026-11-17", "overdue": "", "why": "A day after your interview on 15 Nov.",
    "log": "", "picks": ["Emailed", "Called", "Called, no answer", "Met"], "day": "2026-11-16",
}  # fmt: skip
TODAY: Final = {
    "asOf": "2026-11-16",
    "rows": [
        {**PICKED, "row": 4, "who": "Fernhill & Sons", "more": "Cid Cedar, Clerk", "followUp": "Overdue", "word": "Overdue",
         "action": "Follow up on your application with Cid Cedar by email", "by": "2026-11-12", "overdue": "4"},
        {**PICKED, "word": "Due"},
        {**PICKED, "row": 7, "who": "شركة النور للتجارة", "more": "ليلى حداد", "word": "Due", "action": "Answer ليلى حداد by email",
         "by": "2026-11-18", "log": "Emailed"},
        {**PICKED, "row": 9, "who": "<b>Bold</b>", "more": "", "followUp": "Upcoming", "word": "Upcoming",
         "action": "Follow up with Dr Bold by phone", "by": "2026-11-23"},
    ],
    "more": 2,
}  # fmt: skip
DRAFT: Final = {
    "row": 2, "who": "Alder Ltd", "to": "ann@alder.example", "subject": "Analyst - Alder Ltd", "full": False,
    "url": "https://mail.google.com/mail/?view=cm&fs=1&to=ann%40alder.example",
}  # fmt: skip
ANSWERS: Final[dict[str, Any]] = {
    "today": TODAY, "picked": PICKED, "one": PICKED, "show": None, "draftLink": DRAFT,
    "logPick": "Row 2, Alder Ltd: “Called”. The next sync puts it into the History.",
}  # fmt: skip
