"""What the page's files hold, and what they must not."""

from __future__ import annotations

import re
import tomllib

import pytest

from sheetsync.resources import templates

PAGE = templates() / "addin" / "page"
SCRIPTS = sorted(path.name for path in PAGE.glob("*.js"))


def test_the_words_have_the_colours_of_the_workbook() -> None:
    colours = tomllib.loads((templates() / "highlights.toml").read_text(encoding="utf-8"))
    styles = (PAGE / "page.css").read_text(encoding="utf-8")
    light = dict(re.findall(r"--([\w-]+): #([0-9a-f]{6});", styles[: styles.index("@media")]))
    found = {name: {"fill": light[name].upper(), "font": light[f"{name}-ink"].upper()} for name in colours}
    assert found == {name: {"fill": look["fill"], "font": look["font"]} for name, look in colours.items()}


def test_nothing_is_written_into_the_page_itself() -> None:
    """The policy allows no inline script or style: there is none to be blocked."""
    page = (PAGE / "index.html").read_text(encoding="utf-8")
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"\s(style|on\w+)=", page)
    assert not re.search(r"(src|href)=\"(https?:)?//", page)


@pytest.mark.parametrize("name", SCRIPTS)
def test_text_never_becomes_html(name: str) -> None:
    script = (PAGE / name).read_text(encoding="utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser", script
    )


def test_office_is_loaded_in_excel_only() -> None:
    scripts = {name: (PAGE / name).read_text(encoding="utf-8") for name in SCRIPTS}
    assert [name for name, script in scripts.items() if "appsforoffice" in script] == ["main.js"]
    assert 'if (inExcel && typeof Office === "undefined") await loadOffice();' in scripts["main.js"]
