"""The portfolio as one page: the ranked view, and a brief for each client that prints on a page of its own."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, StrictUndefined

from sheetsync.coach.briefs import brief, say_day
from sheetsync.resources import read_toml, templates

if TYPE_CHECKING:
    from sheetsync.coach.portfolio import Portfolio

_LONG_AGO: Final = 60
"""Days after which a date says more than their number."""


def portfolio_page(portfolio: Portfolio) -> str:
    """The whole page: nothing is loaded from elsewhere, no script runs, and what trackers say is escaped."""

    def day(value: dt.date | None) -> str:
        return say_day(value, portfolio.today) if value else ""

    def touched(last: dt.date | None) -> str:
        days = (portfolio.today - last).days if last else None
        if last is None or days is None:
            return words["never"]
        if days > _LONG_AGO:
            return day(last)
        return words["today"] if days <= 0 else words["yesterday"] if days == 1 else words["ago"].format(n=days)

    words: dict[str, str] = read_toml("portfolio/page.toml")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    text = (templates() / "portfolio" / "page.html").read_text("utf-8")
    most = max((look.counts["Overdue"] + look.counts["Due"] for _, look in portfolio.read), default=0)
    return environment.from_string(text).render(
        portfolio=portfolio,
        words=words,
        touched=touched,
        briefs=[(standing, brief(standing)) for standing, _ in portfolio.read],
        day=day,
        on=f"{day(portfolio.today)} {portfolio.today.year}",
        most=max(most, 1),
    )
