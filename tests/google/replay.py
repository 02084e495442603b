"""Replays recorded exchanges with Google against the emulator and compares the answers field by field.

`python tests/google/replay.py FOLDER` prints the figure for a folder of `*.jsonl` recordings; one line of a file is one
exchange: `method, uri, request, status, response`.
"""

import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from emulator import Emulator
from emulator.discovery import route
from emulator.errors import ApiError

REASONS = Path(__file__).with_name("recorded_differences.toml")
RECORDER = "recorder@example.com"
SOMEBODY = "somebody@example.com"

IDS = ("spreadsheetId", "id", "sheetId", "namedRangeId", "protectedRangeId", "metadataId", "chartId", "bandedRangeId")
"""Fields whose values Google makes up: equal if one recorded value always meets the same one of the emulator."""
LONG_IDS = ("tableId", "filterViewId", "slicerId", "permissionId")
TIMES = re.compile(r"(created|modified)(Time|Date)|.*ByMeDate|lastViewed.*")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
FILE_IN_PATH = re.compile(r"/(?:spreadsheets|files)/([\w-]+)")


@dataclass(frozen=True)
class Difference:
    """One field that is not as recorded. `at`: its path, list places as `[]`."""

    at: str
    recorded: Any
    ours: Any


@dataclass(frozen=True)
class Outcome:
    """One exchange replayed. `skipped`: why it cannot be compared; `reason`: the listed reason for its differences."""

    file: str
    line: int
    method: str
    differences: tuple[Difference, ...] = ()
    skipped: str = ""
    reason: str = ""

    @property
    def identical(self) -> bool:
        return not self.skipped and not self.differences


@dataclass
class Replay:
    """One recording against one fresh emulator."""

    name: str
    exchanges: list[dict[str, Any]]
    reasons: list[dict[str, str]]
    ids: dict[str, str] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)

    def run(self) -> Iterator[Outcome]:
        google = Emulator(service_accounts_own=True)
        token = google.account(RECORDER)
        self._before(google)
        for number, exchange in enumerate(self.exchanges, 1):
            self._before_listing(google, exchange["response"], self.exchanges[number:])
            split = urlsplit(exchange["uri"])
            target = self._replaced(split.path + ("?" + split.query if split.query else ""))
            body = self._body(exchange["request"])
            headers = {"authorization": f"Bearer {token}", "host": split.netloc}
            reply = google.handle(exchange["method"], target, headers, body)
            method = _method(exchange["method"], split.path, split.netloc)
            foreign = self._foreign(split.path)
            if foreign:
                yield Outcome(self.name, number, method, skipped=foreign)
                continue
            ours = _read(reply.body, reply.kind)
            found = []
            if reply.status != exchange["status"]:
                found.append(Difference("status", exchange["status"], f"{reply.status} {ours}"))
            else:
                found += self._compare(exchange["response"], ours, "")
            differences = tuple(found)
            yield Outcome(self.name, number, method, differences, reason=self._reason(method, differences))

    def _before(self, google: Emulator) -> None:
        """What must have been there before the recording: files that are somebody else's, known by a refusal."""
        made = set()
        for exchange in self.exchanges:
            found = FILE_IN_PATH.search(urlsplit(exchange["uri"]).path)
            if exchange["status"] == 200 and isinstance(exchange["response"], dict) and "drive/v3" in exchange["uri"]:
                made.add(exchange["response"].get("id"))
            if found and exchange["status"] == 403 and found[1] not in made and found[1] not in self.ids:
                self._learn(found[1], google.new_spreadsheet("Private", owner=SOMEBODY))

    def _foreign(self, path: str) -> str:
        """Why a call cannot be compared: its file was made before the recording began."""
        found = FILE_IN_PATH.search(path)
        if not found or found[1] in self.ids or len(found[1]) < 20:
            return ""
        return "the file was made before the recording began"

    def _before_listing(self, google: Emulator, answer: Any, later: list[dict[str, Any]]) -> None:
        """Files that a listing names and the recording did not make: by all it says, new and empty ones of that name.

        One that is not spoken of again was deleted by somebody else.
        """
        if not isinstance(answer, dict) or answer.get("kind") != "drive#fileList":
            return
        listed = {file["id"] for file in answer["files"]}
        text = json.dumps(later)
        for recorded in [name for name in self.met - listed if name not in text]:
            google.books.pop(self.ids[recorded], None)
        for file in answer["files"]:
            if file["id"] not in self.ids:
                ours = google.new_spreadsheet(file["name"], owner=RECORDER)
                google.books[ours].drive |= {name: file[name] for name in ("createdTime", "modifiedTime")}
                self._learn(file["id"], ours)
                self.met.add(file["id"])

    def _body(self, request: Any) -> bytes:
        if request is None:
            return b""
        if isinstance(request, str):
            return request.encode()
        return json.dumps(self._mapped(request)).encode()

    def _mapped(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._mapped(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self._mapped(item, name) for item in value]
        if name in (*IDS, *LONG_IDS) and str(value) in self.ids:
            return type(value)(self.ids[str(value)])
        return self._replaced(value) if isinstance(value, str) else value

    def _replaced(self, text: str) -> str:
        """The text with every recorded file id replaced by the emulator's."""
        for recorded, ours in self.ids.items():
            if len(recorded) >= 20:
                text = text.replace(recorded, ours)
        return text

    def _learn(self, recorded: Any, ours: Any) -> bool:
        """Whether the made-up values belong together; the first meeting decides."""
        if self.taken.setdefault(str(ours), str(recorded)) != str(recorded):
            return False
        return self.ids.setdefault(str(recorded), str(ours)) == str(ours)

    def _compare(self, recorded: Any, ours: Any, at: str) -> Iterator[Difference]:
        name = at.rpartition(".")[2].removesuffix("[]")
        if isinstance(recorded, dict) and isinstance(ours, dict):
            for key in recorded.keys() | ours.keys():
                yield from self._compare(recorded.get(key), ours.get(key), f"{at}.{key}" if at else key)
        elif isinstance(recorded, list) and isinstance(ours, list) and len(recorded) == len(ours):
            for one, two in zip(recorded, ours, strict=True):
                yield from self._compare(one, two, f"{at}[]")
        elif not self._same(name, recorded, ours):
            yield Difference(at, recorded, ours)

    def _same(self, name: str, recorded: Any, ours: Any) -> bool:
        if recorded is None or ours is None:
            return recorded is ours
        if name in (*IDS, *LONG_IDS) and type(recorded) is type(ours):
            return self._learn(recorded, ours)
        if TIMES.fullmatch(name):
            return bool(MOMENT.fullmatch(str(recorded)) and MOMENT.fullmatch(str(ours)))
        if isinstance(recorded, str) and isinstance(ours, str):
            people = ADDRESS.fullmatch(recorded) and ADDRESS.fullmatch(ours)
            return self._learn(recorded, ours) if people else self._replaced(recorded) == ours
        return isinstance(recorded, bool) == isinstance(ours, bool) and bool(recorded == ours)

    def _reason(self, method: str, differences: tuple[Difference, ...]) -> str:
        """The listed reason, if one and the same explains every difference."""
        for rule in self.reasons:
            covered = all(re.fullmatch(rule["at"], difference.at) for difference in differences)
            if differences and covered and rule["method"] == method:
                return rule["reason"]
        return ""


def _method(http: str, path: str, host: str) -> str:
    try:
        return route(http, path, host)[0].id
    except ApiError:
        return f"{http} {path.rpartition('/')[0]}"


def _read(body: bytes, kind: str) -> Any:
    if not body:
        return None
    return json.loads(body) if kind.startswith("application/json") else body.decode()


def replay_folder(folder: Path) -> list[Outcome]:
    """Every exchange of every recording in the folder, in order."""
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8"))["difference"]
    outcomes: list[Outcome] = []
    for path in sorted(folder.glob("*.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines()
        outcomes += Replay(path.stem, [json.loads(line) for line in lines if line], reasons).run()
    return outcomes


def figure(outcomes: list[Outcome]) -> str:
    """The figure in words: how many comparable answers are identical, and what became of the others."""
    compared = [outcome for outcome in outcomes if not outcome.skipped]
    same = sum(outcome.identical for outcome in compared)
    share = 100 * same / len(compared) if compared else 0
    lines = [f"{same} of {len(compared)} comparable recorded answers are identical field by field ({share:.1f} %)"]
    lines += [f"{count} differ: {why}" for why, count in Counter(o.reason for o in compared if o.reason).items()]
    lines += [
        f"{count} not comparable: {why}" for why, count in Counter(o.skipped for o in outcomes if o.skipped).items()
    ]
    unlisted = [outcome for outcome in compared if outcome.differences and not outcome.reason]
    for outcome in unlisted:
        lines.append(f"UNLISTED {outcome.file}:{outcome.line} {outcome.method}")
        lines += [
            f"    {one.at}: recorded {one.recorded!r:.300}, emulator {one.ours!r:.300}"
            for one in outcome.differences[:4]
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(figure(replay_folder(Path(sys.argv[1]))) + "\n")
