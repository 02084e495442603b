"""Templates: which file a message is made from, and what becomes of it.

The files are `templates/messages/RULE.WAY.txt`, such as `interview.thank_you.email.txt`: Jinja2 in a sandbox, where a word
that does not exist is an error. Those of the person stand in a folder `messages` beside the tracker, are named alike and
win; they may also replace `_parts.txt`. A first line `Subject: ...` is the subject, the rest the body.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, Final

from jinja2 import FunctionLoader, StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from sheetsync.errors import UsageError
from sheetsync.messages.values import Way
from sheetsync.resources import read_toml, templates

FOLDER: Final = "messages"
"""The folder of the person's own templates, beside the tracker."""
GAP: Final = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_SUBJECT: Final = "Subject:"
_MARKS: Final = re.compile(r"\[\[|\]\]")
_SUFFIX: Final = ".txt"


class TemplateFaultError(UsageError):
    """A template of the person's own that cannot be used: one sentence with file and line."""

    def __init__(self, file: str, line: int | None, reason: str) -> None:
        place = f"{file}, line {line}" if line else file
        super().__init__(
            f"{place}: {reason.rstrip('.')}. Mend it, or rename it to use the one that comes with sheetsync."
        )


@dataclass(frozen=True, slots=True)
class Written:
    """A rendered template."""

    subject: str
    body: str
    gaps: tuple[str, ...]
    template: str


def rules() -> Mapping[str, Mapping[str, Any]]:
    """Rule -> what its message needs: `to`, `ways`, `needs` (`templates/messages/rules.toml`)."""
    data: dict[str, Any] = read_toml("messages/rules.toml")
    return {rule: entry for rule, entry in data.items() if "ways" in entry}


def rule_data(key: str) -> Mapping[str, str]:
    """One of the other tables of `rules.toml`."""
    table: dict[str, str] = read_toml("messages/rules.toml")[key]
    return table


def gap(what: str) -> str:
    """A visible gap. What it quotes cannot close it early."""
    return f"[[{_MARKS.sub('', ' '.join(str(what).split())).strip()}]]"


@cache
def shipped(name: str) -> str | None:
    """A template that comes with sheetsync; None if there is none of that name."""
    path = templates() / FOLDER / name
    return path.read_text(encoding="utf-8") if path.is_file() else None


class Library:
    """The templates at hand: the person's own before those that come with sheetsync."""

    def __init__(self, own: Mapping[str, str]) -> None:
        """Take the person's own templates: file name (without folder) -> text."""
        self._own = {name.removeprefix(f"{FOLDER}/"): text for name, text in own.items()}
        self._environment = ImmutableSandboxedEnvironment(
            loader=FunctionLoader(self._load),
            undefined=StrictUndefined,
            autoescape=False,  # plain text
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def _load(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        text = self._own.get(name)
        label = f"{FOLDER}/{name}" if text is not None else name
        text = shipped(name) if text is None else text.removeprefix("\ufeff")
        return None if text is None else (text, label, lambda: True)

    def find(self, rule: str, way: Way) -> str | None:
        """The file for a rule and a way: the person's, else ours, else that of the rule's first way."""
        wanted = f"{rule}.{way}{_SUFFIX}"
        ways = rules()[rule]["ways"]
        first = f"{rule}.{ways[0]}{_SUFFIX}"
        candidates = [wanted] if way in ways or wanted in self._own else []
        return next((name for name in (*candidates, first) if name in self._own or shipped(name) is not None), None)

    def write(self, name: str, facts: Mapping[str, Any]) -> Written:
        """Render a template. Raises TemplateFaultError with file and line."""
        label = f"{FOLDER}/{name}" if name in self._own else name
        try:
            text = self._environment.get_template(name).render(facts)
        except TemplateSyntaxError as error:
            raise TemplateFaultError(
                error.filename or label, error.lineno, error.message or "it cannot be read"
            ) from None
        except UndefinedError as error:
            raise TemplateFaultError(*_place(error, label), _unknown(error, facts)) from None
        except TemplateError as error:
            raise TemplateFaultError(*_place(error, label), error.message or "it cannot be read") from None
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            OverflowError,
            RecursionError,
            TypeError,
            ValueError,
        ) as error:
            raise TemplateFaultError(*_place(error, label), f"this cannot be worked out ({error})") from None
        subject, body = _taken_apart(text)
        found = dict.fromkeys(match[1].strip() for match in GAP.finditer(f"{subject}\n{body}"))
        return Written(subject, body, tuple(found), label)


def _place(error: BaseException, label: str) -> tuple[str, int | None]:
    """The innermost template line that an error passed through."""
    place: tuple[str, int | None] = (label, None)
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith(_SUFFIX):
            place = (file, trace.tb_lineno)
        trace = trace.tb_next
    return place


def _unknown(error: UndefinedError, facts: Mapping[str, Any]) -> str:
    found = re.search(r"'([^']+)' is undefined", error.message or "")
    if found is None:
        return error.message or "a word in it is not known"
    names = sorted(facts)
    close = get_close_matches(found[1], names, n=1, cutoff=0.6)
    meant = f"did you mean “{close[0]}”?" if close else f"the words are {', '.join(names)}"
    return f"“{found[1]}” is not known, {meant}".rstrip("?") if close else f"“{found[1]}” is not known; {meant}"


def _taken_apart(text: str) -> tuple[str, str]:
    """Subject and body, blank lines as they are read: one between paragraphs, none at the ends."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n ")
    subject = ""
    if plain.startswith(_SUBJECT):
        subject, _, plain = plain.removeprefix(_SUBJECT).partition("\n")
    return _tidy_line(subject), _tidy(plain)


def _tidy(text: str) -> str:
    lines = (_tidy_line(line) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _tidy_line(line: str) -> str:
    """Single blanks; one full stop after a name that ends with one."""
    return re.sub(r"(?<=\w)\.\.(?!\.)", ".", re.sub(r"[ \t]{2,}", " ", line)).strip()
