"""The pane put in place and taken away, as Windows and a Mac would have it; and its manifest and icons."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import platform
import re
import subprocess
import sys
import uuid
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import pytest
from as_excel import book_of
from click.testing import CliRunner
from lxml import etree
from PIL import Image

from sheetsync import __version__
from sheetsync.addin import certificates, excel
from sheetsync.addin.addresses import PANE_ORIGIN
from sheetsync.cli import cli
from sheetsync.resources import templates

pytest.importorskip("cryptography", reason="the pane needs the extra addin")

NOW = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)
SAMPLE = Path(__file__).parents[2] / "sample_tracker.xlsx"
ORDER = {
    "OfficeApp": (
        "Id", "AlternateId", "Version", "ProviderName", "DefaultLocale", "DisplayName", "Description", "IconUrl",
        "HighResolutionIconUrl", "SupportUrl", "AppDomains", "Hosts", "Requirements", "DefaultSettings", "Permissions",
        "Dictionary", "VersionOverrides", "ExtendedOverrides",
    ),
    "VersionOverrides": ("Description", "Requirements", "Hosts", "Resources", "WebApplicationInfo", "EquivalentAddins"),
    "DesktopFormFactor": ("GetStarted", "FunctionFile", "ExtensionPoint"),
    "GetStarted": ("Title", "Description", "LearnMoreUrl"),
    "Group": ("OverriddenByRibbonApi", "Label", "Icon", "Control"),
    "Control": ("OverriddenByRibbonApi", "Label", "ToolTip", "Supertip", "Icon", "Action", "Enabled"),
    "Supertip": ("Title", "Description"),
    "Action": ("TaskpaneId", "SourceLocation", "Title"),
    "Resources": ("Images", "Urls", "ShortStrings", "LongStrings"),
}  # fmt: skip
"""Element -> its children in the order in which they must stand (Microsoft's page on the order of manifest elements)."""
LONGEST = {"ShortStrings": 125, "LongStrings": 250}
"""Characters of a string that is a resource."""


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "own"))


class Values(dict[str, str]):
    """A key of a registry."""

    def put(self, name: str, text: str) -> None:
        self[name] = text

    def drop(self, name: str) -> bool:
        return self.pop(name, None) is not None


def told(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["addin", *words])
    return done.exit_code, done.output


@pytest.fixture
def manifest() -> etree._Element:
    return etree.fromstring(excel.manifest(__version__).encode())


def local(element: etree._Element) -> str:
    return etree.QName(element).localname


# The manifest


def test_elements_stand_in_the_order_that_office_wants(manifest: etree._Element) -> None:
    seen = set()
    for element in manifest.iter(etree.Element):
        order = ORDER.get(local(element))
        if order:
            seen.add(local(element))
            places = [order.index(local(child)) for child in element.iterchildren(etree.Element)]
            assert places == sorted(places), local(element)
    assert seen == set(ORDER)


def test_id_is_a_guid_and_the_one_of_the_registry(manifest: etree._Element) -> None:
    identity = manifest.findtext("{*}Id")
    assert identity == excel.ID == str(uuid.UUID(excel.ID))


def test_version_has_four_numbers(manifest: etree._Element) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", manifest.findtext("{*}Version") or "")


def test_every_address_is_https_on_this_computer(manifest: etree._Element) -> None:
    found = [
        element.get("DefaultValue") or "" for element in manifest.iter() if "://" in element.get("DefaultValue", "")
    ]
    assert len(found) >= 8
    for address in found:
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}" == PANE_ORIGIN
    assert not re.search(r"\{\{|\}\}", excel.manifest(__version__))


def test_every_icon_is_there_in_its_size(manifest: etree._Element) -> None:
    found = [
        element.get("DefaultValue") or ""
        for element in manifest.iter()
        if element.get("DefaultValue", "").endswith(".png")
    ]
    assert {PurePosixPath(urlsplit(each).path).name for each in found} == {
        f"icon-{size}.png" for size in (16, 32, 64, 80)
    }
    for address in found:
        name = PurePosixPath(urlsplit(address).path).name
        with Image.open(templates() / "addin" / "excel" / "icons" / name) as icon:
            size = int(name[5:-4])
            assert icon.size == (size, size)
            assert icon.mode == "RGBA"


def test_every_resource_is_there_and_used_and_short_enough(manifest: etree._Element) -> None:
    wanted = {element.get("resid") for element in manifest.iter() if element.get("resid")}
    resources = manifest.find(".//{*}Resources")
    assert resources is not None
    given = {element.get("id") for element in resources.iter() if element.get("id")}
    assert wanted == given
    assert all(len(each or "") <= 32 for each in given)
    for kind, longest in LONGEST.items():
        for text in resources.iterfind(f"{{*}}{kind}/{{*}}String"):
            assert 0 < len(text.get("DefaultValue") or "") <= longest


# Putting in place and taking away


def test_windows_gets_a_manifest_and_a_value_that_names_it(tmp_path: Path) -> None:
    kept, registry = certificates.make(NOW), Values()
    steps = excel.steps_in("Windows", kept, version=__version__, home=tmp_path)
    excel.carry_out(steps, registry)
    path = certificates.folder() / "manifest.xml"
    assert registry == {excel.ID: str(path)}
    assert excel.is_in_place("Windows", registry, version=__version__, home=tmp_path)
    assert not excel.is_in_place("Windows", registry, version="99.0", home=tmp_path)
    assert not excel.is_in_place("Windows", Values(), version=__version__, home=tmp_path)
    assert str(steps[-1]) == f"run: certutil -user -addstore Root {kept.authority}"
    assert excel.distrust("Windows", kept, home=tmp_path).words[-1] == kept.fingerprint
    assert len(excel.take_out("Windows", registry, home=tmp_path)) == 2
    assert not registry
    assert not path.exists()
    assert excel.take_out("Windows", registry, home=tmp_path) == ()


def test_mac_gets_a_manifest_in_excels_folder(tmp_path: Path) -> None:
    kept = certificates.make(NOW)
    steps = excel.steps_in("Darwin", kept, version=__version__, home=tmp_path)
    excel.carry_out(steps, None)
    path = tmp_path / "Library/Containers/com.microsoft.Excel/Data/Documents/wef/sheetsync.manifest.xml"
    assert path.read_text("utf-8") == excel.manifest(__version__)
    assert excel.is_in_place("Darwin", None, version=__version__, home=tmp_path)
    assert str(steps[-1]).startswith("run: security add-trusted-cert -r trustRoot -p ssl -k ")
    assert excel.take_out("Darwin", None, home=tmp_path) == (str(path),)
    assert not list(tmp_path.rglob("*.manifest.xml"))


def test_a_program_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from sheetsync.errors import UsageError

    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="no certutil"):
        excel.carry_out_command(excel.Command(("certutil", "-user")))


# The commands


@pytest.mark.parametrize(("system", "names"), [("windows", "certutil"), ("mac", "security")])
def test_dry_run_shows_each_step_and_does_nothing(tmp_path: Path, system: str, names: str) -> None:
    code, said = told("install", "--dry-run", "--for", system)
    assert code == 0
    assert "1. make a certificate" in said
    assert names in said
    assert list(tmp_path.rglob("*.*")) == []


def test_for_another_system_goes_with_dry_run_only() -> None:
    code, said = told("install", "--for", "mac")
    assert code == 2
    assert "--dry-run" in said


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has no Excel")
def test_linux_is_told_what_to_do_instead() -> None:
    code, said = told("install")
    assert code == 2
    assert "sheetsync serve" in said


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system is asked")
def test_doctor_warns_30_days_ahead_and_uninstall_takes_all_away() -> None:
    import time

    now = dt.datetime.fromtimestamp(time.time(), dt.UTC)
    certificates.make(now)
    code, said = told("doctor")
    assert code == 0
    assert "Good for localhost until" in said
    certificates.make(now - certificates.LIFETIME + dt.timedelta(days=29))
    code, said = told("doctor", "--json")
    assert code == 1
    assert any("renew" in check["told"] for check in json.loads(said)["checks"])
    certificates.make(now - certificates.LIFETIME - dt.timedelta(days=1))
    assert "ended" in told("doctor")[1]
    code, said = told("uninstall", "--yes")
    assert code == 0
    assert "Taken away" in said
    assert list(certificates.folder().iterdir()) == []
    assert "Nothing of the pane" in told("uninstall", "--yes")[1]
    assert told("doctor")[0] == 0


def exchange(asked: object) -> tuple[int, dict[str, object]]:
    given = asked if isinstance(asked, bytes) else json.dumps(asked).encode()
    done = subprocess.run(
        [sys.executable, "-m", "sheetsync", "addin", "exchange"], input=given, capture_output=True, check=False
    )
    assert done.stderr == b""
    return done.returncode, json.loads(done.stdout)


def test_exchange_answers_over_a_pipe() -> None:
    code, said = exchange({"do": "sync", "book": book_of(SAMPLE)})
    assert code == 0
    assert said["kind"] == "excel"
    assert said["changes"]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (b"", "no JSON"),
        ([], "no JSON object"),
        ({"do": "undo", "book": {}}, '"do" is'),
        ({"do": "sync"}, "lacks the field book"),
        ({"do": "sync", "book": {"format": 1}, "path": "/etc/passwd"}, "nobody asked for"),
        ({"do": "sync", "book": {"format": 7}}, "another version"),
    ],
)
def test_exchange_refuses_in_one_sentence(asked: object, why: str) -> None:
    given = asked if isinstance(asked, bytes) else json.dumps(asked).encode()
    done = CliRunner().invoke(cli, ["addin", "exchange"], input=given)
    said = json.loads(done.output)
    assert done.exit_code == said["code"] == 2
    assert why in said["error"]


# On Windows and on a Mac, as far as they can be played here


class Winreg:
    """Windows' module of that name, with the one key that is asked for."""

    HKEY_CURRENT_USER, KEY_SET_VALUE, REG_SZ = "HKCU", 2, 1

    def __init__(self) -> None:
        self.keys: dict[str, dict[str, str]] = {}

    def OpenKey(self, root: str, name: str, *_rest: int) -> contextlib.nullcontext[dict[str, str]]:  # noqa: N802
        assert root == "HKCU"
        if name not in self.keys:
            raise FileNotFoundError(name)
        return contextlib.nullcontext(self.keys[name])

    def CreateKeyEx(self, root: str, name: str) -> contextlib.nullcontext[dict[str, str]]:  # noqa: N802
        assert root == "HKCU"
        return contextlib.nullcontext(self.keys.setdefault(name, {}))

    def SetValueEx(self, key: dict[str, str], name: str, _reserved: int, kind: int, text: str) -> None:  # noqa: N802
        assert kind == self.REG_SZ
        key[name] = text

    def QueryValueEx(self, key: dict[str, str], name: str) -> tuple[str, int]:  # noqa: N802
        if name not in key:
            raise FileNotFoundError(name)
        return key[name], self.REG_SZ

    def DeleteValue(self, key: dict[str, str], name: str) -> None:  # noqa: N802
        if name not in key:
            raise FileNotFoundError(name)
        del key[name]


STORE = """#!{python}
import pathlib, sys
store = pathlib.Path({store!r})
known = store.read_text().splitlines() if store.exists() else []
words = sys.argv[1:]
with open({log!r}, "a") as log:
    log.write(" ".join(words) + "\\n")
from cryptography import x509
from cryptography.hazmat.primitives import hashes
if {adding!r} in words:
    read = x509.load_pem_x509_certificate(pathlib.Path(words[-1]).read_bytes())
    known.append(read.fingerprint(hashes.SHA1()).hex().upper())
elif {dropping!r} in words:
    known = [each for each in known if each not in words]
elif known:
    print("SHA-1 hash: " + known[-1])
    sys.exit(not (known[-1] in words or {asking!r} == "find-certificate"))
else:
    sys.exit(1)
store.write_text("\\n".join(known))
"""


@pytest.fixture(params=["Windows", "Darwin"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a person on another system, whose own programs keep what is trusted in a file."""
    programs = {
        "Windows": ("certutil", "-addstore", "-delstore", "-store"),
        "Darwin": ("security", "add-trusted-cert", "delete-certificate", "find-certificate"),
    }
    name, adding, dropping, asking = programs[request.param]
    place = tmp_path / "bin" / name
    place.parent.mkdir()
    told = {"adding": adding, "dropping": dropping, "asking": asking}
    store, log = str(tmp_path / "trusted"), str(tmp_path / "asked")
    place.write_text(STORE.format(python=sys.executable, store=store, log=log, **told).replace("\\\\n", "\\n"))
    place.chmod(0o755)
    monkeypatch.setenv("PATH", str(place.parent))
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    monkeypatch.setattr(platform, "system", lambda: request.param)
    monkeypatch.setitem(sys.modules, "winreg", Winreg())
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="plays other systems with programs of its own")
def test_install_doctor_and_uninstall_on_other_systems(elsewhere: Path) -> None:
    code, said = told("install", "--yes")
    assert code == 0
    assert "The pane is installed." in said
    assert len((elsewhere / "trusted").read_text().split()) == 1
    assert told("doctor")[0] == 0
    assert "installed already" in told("install")[1]
    first = certificates.kept()
    assert first is not None
    now = first.ends - certificates.LIFETIME
    certificates.make(now - certificates.LIFETIME + dt.timedelta(days=20))
    code, said = told("doctor")
    assert code == 1
    assert "to renew it" in said
    assert told("install", "--yes")[0] == 0
    renewed = certificates.kept()
    assert renewed is not None
    assert renewed.fingerprint in (elsewhere / "trusted").read_text().split()
    code, said = told("uninstall", "--yes")
    assert code == 0
    assert renewed.fingerprint not in (elsewhere / "trusted").read_text().split()
    assert not list(elsewhere.rglob("*manifest.xml"))
    assert list(certificates.folder().iterdir()) == []
    assert sys.modules["winreg"].keys.get(excel.REGISTRY_KEY, {}) == {}
    assert told("doctor")[0] == 1


def test_saying_no_installs_nothing(elsewhere: Path) -> None:
    done = CliRunner().invoke(cli, ["addin", "install"], input="n\n")
    assert done.exit_code == 0
    assert "Nothing was installed." in done.output
    assert not (elsewhere / "trusted").exists()
    assert not (elsewhere / "own").exists()


def test_where_the_system_refuses_it_says_what_to_run(elsewhere: Path) -> None:
    for program in (elsewhere / "bin").iterdir():
        program.write_text("#!/bin/sh\nexit 1\n")
    code, said = told("install", "--yes")
    assert code == 0
    assert "do it yourself" in said
    assert told("doctor")[0] == 1
