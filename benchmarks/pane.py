"""How long Excel's task pane takes with a large tracker, in Chromium beside the tests' own Excel.

    python benchmarks/pane.py [ROWS]

Excel's own time to give and take cells is not in these figures.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "addin"))

from as_excel import book_of
from made_up import HEADERS, SHEET, make_tracker
from test_pane import CHROMIUM, OFFICE, Excel, Pane

from sheetsync.addin import certificates

PRESSED = """async () => {
  const begun = performance.now();
  document.getElementById("sync").click();
  const main = document.getElementById("main");
  do await new Promise((resolve) => setTimeout(resolve, 5)); while (main.hasAttribute("aria-busy"));
  return performance.now() - begun;
}"""

LISTED = """{
  const look = setInterval(() => {
    if (!document.querySelector("#groups button")) return;
    window.usable = performance.now();
    clearInterval(look);
  }, 2);
}"""


def timed(page: Page, what: str) -> None:
    print(f"{what:34} {page.evaluate(PRESSED) / 1000:.2f} s")


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        os.environ["SHEETSYNC_HOME"] = folder
        certificates.make(dt.datetime.fromtimestamp(time.time(), dt.UTC))
        pane = Pane()
        context = playwright.chromium.launch_persistent_context(
            f"{folder}/profile",
            executable_path=CHROMIUM,
            args=["--no-sandbox", f"--ignore-certificate-errors-spki-list={pane.pin}"],
            viewport={"width": 360, "height": 800},
        )
        try:
            context.route(
                "https://appsforoffice.microsoft.com/**",
                lambda route: route.fulfill(content_type="text/javascript", body=OFFICE),
            )
            make_tracker(Path(folder) / "tracker.xlsx", rows)
            excel = Excel(context.new_page(), pane, book_of(Path(folder) / "tracker.xlsx"))
            excel.page.add_init_script(LISTED)
            print(f"{rows:,} rows")
            timed(excel.page, "Sync now, the first one")
            timed(excel.page, "Sync now, nothing to do")
            excel.do(f"fake.type('{SHEET}', 7, {HEADERS.index('Status') + 1}, 'Rejected')")
            timed(excel.page, "Sync now, one row")
            for _ in range(3):
                excel.page.reload()
                excel.page.locator("#groups button").first.wait_for()
                print(f"{'opened anew, usable after':34} {excel.do('usable - opening') / 1000:.2f} s")
        finally:
            context.close()
            pane.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
