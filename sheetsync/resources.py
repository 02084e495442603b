"""The files of `templates/`, found alike in a wheel and in a checkout."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


def templates() -> Path:
    """The folder `templates/`: inside the package when installed from a wheel, beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "_templates"
    return inside if inside.is_dir() else package.parent / "templates"


@cache
def read_toml(name: str) -> dict[str, Any]:
    """One data file of `templates/`, such as "words/en.toml". The result is shared: do not change it.

    Raises FileNotFoundError if there is none of that name.
    """
    with (templates() / name).open("rb") as file:
        return tomllib.load(file)
