"""docs/messages.md tells the truth: its template works, and so does every word that it names."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from cli.drafting import drafts, people, text_of
from cli.running import AS_OF
from click.testing import CliRunner

from sheetsync.cli import cli
from sheetsync.messages.values import WAYS

TEXT = (Path(__file__).parents[2] / "docs" / "messages.md").read_text("utf-8")
OWN = TEXT.partition("## Templates of your own")[2]


def drafted(folder: Path, template: str) -> str:
    """The thank-you that a template of one's own makes."""
    (folder / "messages").mkdir()
    (folder / "messages" / "interview.thank_you.email.txt").write_text(template, "utf-8")
    tracker = people(folder / "jobs.xlsx")
    done = CliRunner().invoke(cli, ["draft", str(tracker), "2", "--as-of", AS_OF], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    (file,) = drafts(folder / "drafts")
    return text_of(file)


def test_the_template_makes_a_message(tmp_path: Path) -> None:
    found = re.search(r"^    Subject: .*?(?=^\S)", OWN, re.MULTILINE | re.DOTALL)
    assert found is not None
    message = drafted(tmp_path, textwrap.dedent(found[0]))
    assert message.startswith(
        "Dear Ann Alder,\n\nThank you for your time on 15 November. [[one thing you talked about]]"
    )


def test_every_word_is_known(tmp_path: Path) -> None:
    cells = re.findall(r"^\| (`.+?) \|", OWN, re.MULTILINE)
    words = [word for cell in cells for word in re.findall(r"`(.+?)`", cell)]
    assert len(words) > 30
    drafted(tmp_path, "Subject: x\n\nDear Ann Alder,\n" + "\n".join(f"{word}: {{{{ {word} }}}}" for word in words))


@pytest.mark.parametrize("way", WAYS)
def test_every_way_is_named(way: str) -> None:
    assert f"| `{way}` |" in TEXT
