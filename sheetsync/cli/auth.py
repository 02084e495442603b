"""`sheetsync auth`: signing in to Google, seeing as whom, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import click

from sheetsync.cli.options import as_json, example, say, service_account
from sheetsync.cli.output import Line, clean, show, show_json
from sheetsync.errors import UsageError

if TYPE_CHECKING:
    from sheetsync.sheets.google.auth import Login

_KINDS: Final = {
    "key": "a service account's key",
    "own": "your own sign-in",
    "default": "application default credentials",
}


@click.command(
    epilog=example(
        "sheetsync auth google --client client_secret.json",
        "sheetsync auth google --access created",
        "sheetsync auth google --status",
        "sheetsync auth google --forget",
    )
)
@click.argument("service", type=click.Choice(["google"]))
@click.option(
    "--client",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="The OAuth client that you made in the Google Cloud console; it is remembered.",
)
@click.option(
    "--access",
    type=click.Choice(["all", "created"]),
    help="What may be reached: all spreadsheets that you may open (the default), or only those that sheetsync made.",
)
@click.option(
    "--status", "task", flag_value="status", help="Show as whom Google would be asked, and whether it accepts that."
)
@click.option("--forget", "task", flag_value="forget", help="Take the sign-in back at Google and delete it here.")
@service_account
@as_json
def command(
    service: str,
    *,
    client: str | None,
    access: Literal["all", "created"] | None,
    task: str | None,
    service_account: str | None,
    as_json: bool,
) -> None:
    """Sign in to Google, see as whom, or take it back.

    Google's page opens in your browser and names the rights. The sign-in is kept on this computer, where only you can
    read it. For a service account's key nothing is to be done here: name it with --service-account where you sync.
    """
    del service
    if (task and (client or access)) or (task != "status" and service_account):
        raise UsageError(
            "--client and --access are for signing in, --service-account is for --status: give one thing to do."
        )
    if task == "forget":
        _forget(as_json=as_json)
        return
    from sheetsync.sheets.google.auth import find_login
    from sheetsync.sheets.google.desktop import sign_in
    from sheetsync.sheets.google.transport import Transport

    login = find_login(service_account) if task == "status" else sign_in(client, access or "all", tell=say)
    Transport(login, tell=say).check()
    if as_json:
        reach = "created" if login.created_only else "all"
        show_json({"account": login.account, "kind": login.kind, "access": reach, "file": login.place})
        return
    show(
        [
            Line(f"Google knows you as {clean(login.account)}, by {_KINDS[login.kind]} in {clean(login.place)}."),
            _reach(login),
        ]
    )


def _reach(login: Login) -> Line:
    if login.created_only:
        return Line("It reaches the spreadsheets that sheetsync made, and nothing else at Google.")
    who = "that are shared with this account" if login.kind == "key" else "that this account may open"
    return Line(f"It reaches the spreadsheets {who}, and nothing else at Google.")


def _forget(*, as_json: bool) -> None:
    from sheetsync.sheets.google.desktop import forget

    told = forget()
    if as_json:
        show_json({"forgotten": told is not None, "told": told})
    elif told is None:
        show([Line("There was no sign-in to forget.")])
    else:
        show([Line(f"The sign-in is deleted here; {told}.")])
