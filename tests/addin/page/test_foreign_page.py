"""A foreign page in the same Chromium, with everything that it can try against the page's server."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from serving import in_thread

from sheetsync.addin.asking import Asking

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TRIES = {
    "a call with the token": """async (ours, token) => (await fetch(`${ours}/api/sync`, {
        method: "POST", body: "{}", headers: {"Content-Type": "application/json", "X-Sheetsync-Token": token}})).status""",
    "a call that asks for no leave": """async (ours) => (await fetch(`${ours}/api/sync`, {
        method: "POST", mode: "no-cors", body: "{}"})).status || Promise.reject("unreadable")""",
    "a beacon": """async (ours) => { navigator.sendBeacon(`${ours}/api/sync`, new Blob(["{}"], {type: "text/plain"}));
        throw "unreadable"; }""",
    "reading the page": "async (ours) => (await fetch(`${ours}/`)).text()",
    "a code": """async (ours, token) => (await fetch(`${ours}/api/pair`, {
        method: "POST", body: '{"code": "x"}', headers: {"Content-Type": "application/json"}})).status""",
    "its scripts as modules": "async (ours) => Object.keys(await import(`${ours}/main.js`))",
    "its scripts": """(ours) => new Promise((yes, no) => { const script = document.createElement("script");
        script.onload = yes; script.onerror = no; script.src = `${ours}/main.js`; document.body.append(script); })""",
    "a picture that is a call": """(ours) => new Promise((yes, no) => { const image = new Image();
        image.onload = yes; image.onerror = no; image.src = `${ours}/api/today`; })""",
    "a WebSocket": """(ours) => new Promise((yes, no) => { const socket = new WebSocket(ours.replace("http", "ws") + "/api/today");
        socket.onopen = yes; socket.onerror = no; })""",
}
FORM = """(ours) => new Promise((done) => { const frame = document.createElement("iframe"); frame.name = "into";
    document.body.append(frame); const form = document.createElement("form"); form.method = "POST"; form.target = "into";
    form.enctype = "text/plain"; form.action = `${ours}/api/sync`; form.innerHTML = `<input name='{"a":"' value='"}'>`;
    document.body.append(form); frame.onload = done; form.submit(); })"""
FRAME = """(ours) => new Promise((done) => { const frame = document.createElement("iframe"); frame.id = "framed";
    frame.onload = done; frame.src = `${ours}/`; document.body.append(frame); })"""


class Foreign(BaseHTTPRequestHandler):
    """A page of somebody else's, with no policy of its own."""

    def do_GET(self) -> None:
        body = b"<!doctype html><title>foreign</title><body></body>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the library
        """Say nothing."""


@contextlib.contextmanager
def foreign_page() -> Iterator[str]:
    """Its address, which to a browser is another site than ours."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Foreign)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_foreign_page_reaches_nothing(chromium: Browser) -> None:
    asked: list[Asking] = []

    def answer(asking: Asking) -> dict[str, object]:
        asked.append(asking)
        return {}

    with in_thread(answer) as inside, foreign_page() as address:
        ours, token = inside.door.origin, inside.door.token
        page = chromium.new_page()
        page.goto(address)
        for what, script in TRIES.items():
            wrapped = f"async ([ours, token]) => {{ try {{ return ['reached', await ({script})(ours, token)]; }} catch {{ return 'refused'; }} }}"
            assert page.evaluate(wrapped, [ours, token]) == "refused", what
        page.evaluate(FORM, ours)
        page.evaluate(FRAME, ours)
        framed = page.query_selector("#framed")
        assert framed is not None
        frame = framed.content_frame()
        assert frame is not None
        assert frame.url.startswith("chrome-error://")
        assert asked == []
        # the page itself is still answered, and the code that was tried from there is not used up
        assert inside.door.post("today", b"{}").status == 200
        page.close()
