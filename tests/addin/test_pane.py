"""Excel's task pane in Chromium, over TLS with our own certificates, beside an Excel of the tests' own.

Chromium trusts the pane's certificate by its key (--ignore-certificate-errors-spki-list); that the chain itself holds is
tests/addin/test_certificates.py's matter. office.js never comes from the network: a route answers with fake_excel.js.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from as_excel import book_of

from sheetsync.addin import answers, asking, certificates
from sheetsync.addin.exchange import BookSource, exchanged
from sheetsync.model import Snapshot, Value
from sheetsync.records.contacts import Contact, record_contacts
from sheetsync.sheets import open_source
from sheetsync.sync import sync

pytest.importorskip("starlette", reason="the pane needs the extra addin")
pytest.importorskip("uvicorn", reason="the pane needs the extra addin")
x509 = pytest.importorskip("cryptography.x509", reason="the pane needs the extra addin")
playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Request

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

DAY = dt.date(2026, 11, 23)
SAMPLE = Path(__file__).parents[2] / "sample_tracker.xlsx"
OFFICE = Path(__file__).with_name("fake_excel.js").read_text("utf-8")
FILLED = "JSON.stringify(fake.model.sheets[0].rows.flat().filter((cell) => cell && cell.value !== ''))"
"""What asks for every filled cell of the tracker, row by row."""
Json = dict[str, Any]


class Pane:
    """The pane's server in a thread of this process, and what a person sees of it."""

    def __init__(self) -> None:
        from sheetsync.addin.asking import LARGEST_BOOK
        from sheetsync.addin.pairing import Pairing, six_digits
        from sheetsync.addin.security import Policy, Sessions
        from sheetsync.addin.server import App, listen, server

        self._socket = listen(0, others=False)
        self.origin = f"https://localhost:{self._socket.getsockname()[1]}"
        self.pairing = Pairing(six_digits, lambda _code: None, time.monotonic)

        def answer(asking: Any) -> Json:
            return exchanged(asking, as_of=DAY)

        app = App(Policy(self.origin, LARGEST_BOOK, pane=True), answer, self.pairing, Sessions(time.monotonic))
        self._server = server(app, certificate=certificates.paths())
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})
        self._thread.start()

    @property
    def pin(self) -> str:
        """By what Chromium is to know the server's key."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        (leaf, _) = x509.load_pem_x509_certificates(certificates.paths()[0].read_bytes())
        key = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(hashlib.sha256(key).digest()).decode()

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


@pytest.fixture(scope="module")
def pane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pane]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHEETSYNC_HOME", str(tmp_path_factory.mktemp("pane")))
        certificates.make(dt.datetime.fromtimestamp(time.time(), dt.UTC))
        started = Pane()
        try:
            yield started
        finally:
            started.close()


@pytest.fixture(scope="module")
def browser(pane: Pane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """Chromium with a profile of its own, in which nothing but the pane's own key is trusted."""
    with playwright_api.sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path_factory.mktemp("profile")),
            executable_path=CHROMIUM,
            args=["--no-sandbox", f"--ignore-certificate-errors-spki-list={pane.pin}"],
            viewport={"width": 360, "height": 800},
        )
        context.route(
            "https://appsforoffice.microsoft.com/**",
            lambda route: route.fulfill(content_type="text/javascript", body=OFFICE),
        )
        yield context
        context.close()


class Excel:
    """A page in the pane, beside its open workbook."""

    def __init__(self, page: Page, pane: Pane, book: Json) -> None:
        self.page, self._pane = page, pane
        self.faults: list[str] = []
        self.asked: dict[str, Json] = {}
        """The body of the last request of each name."""
        page.on("request", self._note)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda told: self.faults.append(told.text) if told.type == "error" else None)
        opened = json.dumps(book)
        page.add_init_script(
            "let made; Object.defineProperty(window, 'fake', "
            "{ get: () => made, set: (one) => { const begun = performance.now(); "
            f"made = one; one.open({opened}); window.opening = performance.now() - begun; }} }});"
        )
        self.open()

    def open(self) -> None:
        """Open the workbook anew, and the pane beside it; the six digits are typed if they are asked for."""
        self.page.goto(f"{self._pane.origin}/?page=excel")
        digits, sync_now = self.page.get_by_label("Six digits"), self.page.get_by_role("button", name="Sync now")
        digits.or_(sync_now).first.wait_for()
        if digits.is_visible():
            digits.fill(self._pane.pairing.begin())
            self.page.get_by_role("button", name="Connect").click()
            sync_now.wait_for()

    def _note(self, request: Request) -> None:
        if "/api/" in request.url:
            self.asked[request.url.rpartition("/")[2]] = json.loads(request.post_data or "{}")

    def do(self, doing: str) -> Any:
        return self.page.evaluate(doing)

    def sync(self) -> str:
        """Press Sync now; what the page says."""
        self.page.get_by_role("button", name="Sync now").click()
        return self.told()

    def told(self) -> str:
        self.page.locator("#told p, #trouble p").first.wait_for()
        self.page.locator("#main:not([aria-busy])").wait_for()
        return self.page.locator("#told").inner_text() + self.page.locator("#trouble").inner_text()

    def undo(self) -> str:
        self.page.get_by_role("button", name="Undo", exact=True).click()
        self.page.locator("#undo-yes").click()
        return self.told()

    def value(self, row: int, column: int, sheet: str = "Job search") -> Any:
        return self.do(f"fake.at({json.dumps(sheet)}, {row}, {column}).value")

    def now(self) -> Json:
        """The workbook as it stands, as the page itself reads it."""
        book: Json = self.do("import('./host-excel.js').then((host) => host.readBook())")
        return book


@pytest.fixture(scope="module")
def window(browser: BrowserContext, pane: Pane, sample: Json) -> Excel:
    return Excel(browser.new_page(), pane, sample)


@pytest.fixture
def excel(window: Excel) -> Iterator[Excel]:
    """The sample tracker open in Excel, nothing asked for yet."""
    window.open()
    yield window
    assert window.faults == []


@pytest.fixture(scope="module")
def sample() -> Json:
    return book_of(SAMPLE)


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    return Path(shutil.copy(SAMPLE, tmp_path / "tracker.xlsx"))


def cells(snapshot: Snapshot) -> dict[str, dict[tuple[int, int], Value]]:
    """Sheet -> place -> value, of every filled cell that is no formula."""
    return {
        grid.name: {
            (row, column): value
            for column, values in enumerate(grid.columns, start=1)
            for row, value in enumerate(values, start=1)
            if value is not None and row not in grid.formulas.get(column, ())
        }
        for grid in snapshot.grids
    }


def own_column(excel: Excel, key: str) -> int:
    owned = BookSource(excel.now()).read().owned
    assert owned is not None
    column = owned.columns[key]
    assert column is not None
    return column


def test_page_reads_the_workbook_as_it_is(excel: Excel, tracker: Path) -> None:
    here, there = BookSource(excel.now()).read(), open_source(str(tracker)).read()
    assert cells(here) == cells(there)
    assert here.owned == there.owned
    assert [grid.tables for grid in here.grids] == [grid.tables for grid in there.grids]
    assert here.grids[0].dropdowns == there.grids[0].dropdowns
    assert here.grids[0].dropdowns


def test_sync_gives_the_same_cells_as_a_sync_of_the_file(excel: Excel, tracker: Path) -> None:
    assert "new" in excel.sync()
    sync(open_source(str(tracker)), as_of=DAY)
    assert cells(BookSource(excel.now()).read()) == cells(open_source(str(tracker)).read())
    assert excel.do("fake.suspended") >= 2
    assert "up to date already" in excel.sync()


def test_rules_are_put_once_and_with_their_mark(excel: Excel) -> None:
    excel.sync()
    rules = excel.do("fake.rules('Job search')")
    assert len(rules) == 5
    assert all("sheetsync:" in rule["formula"] for rule in rules)
    assert "sheetsync:overdue" in rules[0]["formula"]
    assert rules[0]["fill"].startswith("#")


def test_cell_edited_meanwhile_is_left_alone_and_named(excel: Excel) -> None:
    column = own_column(excel, "why")
    excel.do(f"fake.meanwhile = [2, () => fake.type('Job search', 4, {column}, 'mine')]")
    said = excel.sync()
    assert "Left alone: Job search!" in said
    assert excel.value(4, column) == "mine"
    assert excel.value(5, column) not in ("", "mine")


def test_row_edited_meanwhile_is_left_alone_and_its_cell_named(excel: Excel) -> None:
    column = own_column(excel, "why")
    before = excel.value(4, column)
    excel.do("fake.meanwhile = [2, () => fake.type('Job search', 4, 1, 'Another firm')]")
    said = excel.sync()
    assert "Left alone: Job search!A4." in said
    assert excel.value(4, column) == before
    assert excel.value(5, column)


def test_rows_sorted_meanwhile_get_their_own_values(excel: Excel, tracker: Path) -> None:
    excel.do("fake.meanwhile = [2, () => fake.sort('Job search', 2, 26, 2)]")
    excel.sync()
    sync(open_source(str(tracker)), as_of=DAY)
    file = open_source(str(tracker)).read().grids[0]
    there = BookSource(excel.now()).read().grids[0]
    rows = sorted(map(str, (file.row(row) for row in range(2, 27))))
    assert sorted(map(str, (there.row(row) for row in range(2, 27)))) == rows
    assert there.row(2) != file.row(2)
    # the list knows where they are now
    excel.do("fake.select('Job search', 2, 1)")
    excel.page.locator("#row-title").get_by_text(str(there.cell(2, 1))).wait_for()


def test_column_moved_meanwhile_stops_everything(excel: Excel) -> None:
    before = excel.do(FILLED)
    excel.do("fake.meanwhile = [2, () => fake.insertColumn('Job search', 1)]")
    assert "nothing was written" in excel.sync()
    assert excel.do(FILLED) == before


def test_formula_typed_meanwhile_stays(excel: Excel) -> None:
    column = own_column(excel, "next_action")
    excel.do(f"fake.meanwhile = [2, () => fake.type('Job search', 6, {column}, '=A6')]")
    assert "formula" in excel.sync()
    assert excel.do(f"fake.at('Job search', 6, {column}).formula") == "=A6"


def log(excel: Excel, row: int, note: str) -> str:
    excel.do(f"fake.select('Job search', {row}, 1)")
    excel.page.locator("#row-title").wait_for()
    excel.page.get_by_role("button", name="Log contact").click()
    excel.page.get_by_label("Note").fill(note)
    excel.page.locator("#log-form").get_by_role("button", name="Save").or_(
        excel.page.locator("#log-form button[type=submit], #log-form button.main")
    ).first.click()
    excel.page.locator("#log").wait_for(state="hidden")
    return excel.told()


def test_logged_contact_stands_in_history_as_in_the_file_and_is_taken_back(excel: Excel, tracker: Path) -> None:
    before = cells(BookSource(excel.now()).read())
    note = "=SUM(1,2) on 3-4"
    assert "Logged" in log(excel, 3, note)
    after = BookSource(excel.now()).read()
    history = after.grid("History")
    assert note in {value for column in history.columns for value in column}
    assert not any(history.formulas.values())
    asked = {key: value for key, value in excel.asked["log"].items() if key != "book"}
    sync(open_source(str(tracker)), as_of=DAY, act=answers.log(asking.read("log", asked)))
    assert cells(after) == cells(open_source(str(tracker)).read())
    assert "Taken back: log" in excel.undo()
    assert cells(BookSource(excel.now()).read()) == before


def test_undo_leaves_alone_what_was_typed_since(excel: Excel) -> None:
    column = own_column(excel, "why")
    before = excel.value(5, column)
    excel.sync()
    excel.do(f"fake.type('Job search', 4, {column}, 'mine')")
    said = excel.undo()
    assert "Left alone: Job search!" in said
    assert excel.value(4, column) == "mine"
    assert excel.value(5, column) == before


def test_draft_is_shown_and_nothing_is_written(excel: Excel) -> None:
    before = excel.do(FILLED)
    excel.do("fake.select('Job search', 20, 1)")
    excel.page.get_by_role("button", name="Draft").first.click()
    excel.page.locator("dialog[open]").get_by_text("Goldcrest").first.wait_for()
    assert excel.do(FILLED) == before


def test_cell_in_work_is_told_in_words(excel: Excel) -> None:
    excel.do("fake.busy = true")
    excel.page.get_by_role("button", name="Sync now").click()
    excel.page.get_by_text("press Enter or Escape there").wait_for()
    excel.do("fake.busy = false")


def test_reading_what_was_not_loaded_is_an_error_in_the_fake(excel: Excel) -> None:
    told = excel.do(
        "Excel.run(async (context) => context.workbook.worksheets.items).then(() => 'read', (error) => error.code)"
    )
    assert told == "PropertyNotLoaded"


def test_first_sync_of_a_plain_tracker_adds_marks_and_undo_takes_them_out(
    browser: BrowserContext, pane: Pane, tmp_path: Path
) -> None:
    from test_exchange import plain_tracker

    path = plain_tracker(tmp_path / "jobs.xlsx")
    book = book_of(path)
    excel = Excel(browser.new_page(), pane, book)
    before = cells(BookSource(excel.now()).read())
    excel.sync()
    sync(open_source(str(path)), as_of=DAY)
    after = BookSource(excel.now()).read()
    assert cells(after) == cells(open_source(str(path)).read())
    assert after.owned == open_source(str(path)).read().owned
    assert all(not name["visible"] for name in excel.do("fake.names()"))
    excel.undo()
    assert cells(BookSource(excel.now()).read()) == before
    assert excel.do("fake.names()") == []
    assert excel.do("fake.rules('Jobs & more')") == []
    assert excel.faults == []
    excel.page.close()


def test_first_log_makes_a_history_and_undo_takes_it_away(browser: BrowserContext, pane: Pane, tmp_path: Path) -> None:
    from test_exchange import plain_tracker

    path = plain_tracker(tmp_path / "jobs.xlsx")
    source = BookSource(book_of(path))
    sync(source, as_of=DAY, act=lambda reading: record_contacts(reading, [Contact(5, DAY, "out", "email")]))
    excel = Excel(browser.new_page(), pane, book_of(path))
    host = "import('./host-excel.js')"
    excel.do(f"{host}.then((host) => host.applyChanges({json.dumps(source.changes)}, 'log'))")
    sync(
        open_source(str(path)),
        as_of=DAY,
        act=lambda reading: record_contacts(reading, [Contact(5, DAY, "out", "email")]),
    )
    file = cells(open_source(str(path)).read())
    del file["sheetsync lists"]
    assert cells(BookSource(excel.now()).read()) == file
    excel.do(f"{host}.then((host) => host.undo())")
    assert "History" not in cells(BookSource(excel.now()).read())
    assert excel.faults == []
    excel.page.close()
