"""Every dated message of a tracker, out and in, from wherever the sheet knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sheetsync.cadence.channels import read_channel

if TYPE_CHECKING:
    from sheetsync.model import Tracker


def messages(tracker: Tracker) -> pd.DataFrame:
    """The messages, sorted by row and day: row (the thread's), on (datetime64, midnight), out, bare (bool), channel (str).

    They come from History, from columns of past reminders (out), from a `last_contact` later than all of these (out), and
    from a `reply_on` of another day than theirs in History (in); at an offer or an end that is the day of the news. `bare`
    marks a `last_contact` that nothing else tells of: what was written before it is not known. A message without a
    channel has that of its thread, "" if that has none either.
    """
    frame, log, reminders = tracker.frame, tracker.history, tracker.touches
    told = _messages(log["row"], log["on"], out=log["direction"] != "in", channel=log["channel"])
    told = pd.concat([told, _messages(reminders["row"], reminders["on"])], ignore_index=True)
    told = told[told["on"].notna() & told["row"].isin(frame.index)]
    rows = frame.index.to_series()
    contact = _messages(rows, frame["last_contact"], bare=True).set_index("row", drop=False)
    newest = told[told["out"]].groupby("row")["on"].max().reindex(contact.index)
    contact = contact[contact["on"].notna() & ~(contact["on"] <= newest)]
    reply = _messages(rows, frame["reply_on"], out=False)
    noted = pd.MultiIndex.from_frame(told.loc[~told["out"], ["row", "on"]])
    reply = reply[reply["on"].notna() & ~pd.MultiIndex.from_frame(reply[["row", "on"]]).isin(noted)]
    found = pd.concat([told, contact, reply], ignore_index=True).sort_values(["row", "on"], kind="stable")
    own = frame["channel"].reindex(found["row"]).to_numpy(dtype=object)
    typed = found["channel"].where(found["channel"] != "", own)
    known = {text: read_channel(text) if text else "" for text in typed.unique()}
    return found.assign(channel=typed.map(known)).reset_index(drop=True)


def _messages(
    rows: pd.Series[int],
    moments: pd.Series[pd.Timestamp],
    *,
    out: pd.Series[bool] | bool = True,
    bare: bool = False,
    channel: pd.Series[str] | str = "",
) -> pd.DataFrame:
    """Messages of one origin; some may have no date."""
    days = moments.to_numpy(dtype="datetime64[D]").astype("datetime64[s]")
    columns = {"row": rows.to_numpy(), "on": days, "out": out, "bare": bare, "channel": channel}
    return pd.DataFrame(columns, index=range(len(days)) if isinstance(out, bool) else out.index).astype(
        {"row": "int64", "out": "bool", "bare": "bool", "channel": "object"}
    )
