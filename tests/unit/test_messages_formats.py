"""Drafts as files: read back by the standard library, they say what the draft says."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import desk

from sheetsync.errors import UsageError
from sheetsync.messages.formats import (
    LONGEST_LINK,
    as_eml,
    as_file,
    as_markdown,
    as_text,
    file_name,
    mailto,
    read_message,
    row_parts,
    slug,
)
from sheetsync.messages.values import Draft

DRAFT = Draft(
    row=21, rule="interview.thank_you", channel="email", company="Möller & Söhne GmbH", role="Redakteurin", recipient="Jürgen Groß",
    address="j.gross@moeller.example.de", phone="", subject="Danke für das Gespräch", body="Sehr geehrter Herr Groß,\n\nvielen Dank.\n\nRobin Ashe",
    gaps=("what you discussed",), template="interview.thank_you.email.txt", todos=("Find the street.",),
)  # fmt: skip
LONG = "A very long subject about the conversation of Tuesday, äöü, " * 8


def parsed(draft: Draft) -> EmailMessage:
    message = email.message_from_bytes(as_eml(draft), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def test_an_eml_opens_unsent_and_says_nothing_about_us() -> None:
    message = parsed(DRAFT)
    assert message["X-Unsent"] == "1"
    assert set(message.keys()) == {
        "X-Unsent",
        "To",
        "Subject",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    }
    assert b"sheetsync" not in as_eml(DRAFT).lower()


def test_names_and_text_come_back_as_they_were() -> None:
    message = parsed(DRAFT)
    assert message["To"].addresses[0].display_name == "Jürgen Groß"
    assert message["To"].addresses[0].addr_spec == "j.gross@moeller.example.de"
    assert message["Subject"] == DRAFT.subject
    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"
    assert message.get_content().replace("\r\n", "\n").rstrip("\n") == DRAFT.body


@pytest.mark.parametrize("subject", [LONG, "中文的主题" * 30, "x" * 400, ""])
def test_a_long_subject_is_folded_and_whole(subject: str) -> None:
    raw = as_eml(replace(DRAFT, subject=subject))
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert parsed(replace(DRAFT, subject=subject))["Subject"] == subject.strip()


@pytest.mark.parametrize(
    "evil", ["Acme\r\nBcc: all@example.com", "Acme\nX-Evil: 1\n\nbody", "Acme\u2028Bcc: x@example.com", "Acme\x00\x0b"]
)
def test_a_line_break_in_a_name_begins_no_header(evil: str) -> None:
    message = parsed(replace(DRAFT, subject=f"Thank you, {evil}", recipient=evil, company=evil))
    assert message["Bcc"] is None
    assert message["X-Evil"] is None
    assert message["Subject"].startswith("Thank you, Acme")


@pytest.mark.parametrize(
    "address",
    ["", "no address", "a@b@c", "x@example.com, y@example.com", "x@example.com\nBcc: y@example.com", "ä@example.com"],
)
def test_what_is_no_address_is_left_out(address: str) -> None:
    assert parsed(replace(DRAFT, address=address))["To"] is None


@pytest.mark.parametrize(
    "name", ['Ann "Bo" Ash', "Ash, Ann", "Ann <ann@example.com>", "Ann (HR)", "安 阿", "O'Neil; Bob"]
)
def test_awkward_names_stay_names(name: str) -> None:
    address = parsed(replace(DRAFT, recipient=name))["To"].addresses
    assert [(each.display_name, each.addr_spec) for each in address] == [(name, DRAFT.address)]


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_survives(body: str, subject: str) -> None:
    draft = replace(DRAFT, body=body, subject=subject)
    try:
        body.encode()
        subject.encode()
    except UnicodeEncodeError:
        return
    message = email.message_from_bytes(as_eml(draft), policy=email.policy.default)
    assert set(message.keys()) >= {"X-Unsent", "To", "Subject"}
    assert message["Bcc"] is None


@given(st.text("abcäß–“中🎉 =?_", max_size=300))
def test_a_subject_comes_back_letter_by_letter(subject: str) -> None:
    raw = as_eml(replace(DRAFT, subject=subject))
    assert parsed(replace(DRAFT, subject=subject))["Subject"] == " ".join(subject.split())
    assert b"??=" not in raw.partition(b"X-Unsent")[0]  # an encoded word that holds nothing (RFC 2047 section 2)


@given(st.text("abcdeäß–中 ,;.'\"()<>@=?_", max_size=90).filter(lambda name: name.strip()))
def test_a_persons_name_comes_back_letter_by_letter(name: str) -> None:
    # the parser of email.headerregistry puts blanks between encoded words of a name, against RFC 2047 section 6.2
    raw = email.message_from_bytes(as_eml(replace(DRAFT, recipient=name)))
    found, address = parseaddr(raw["To"].replace("\r\n", ""))
    assert (str(make_header(decode_header(found))), address) == (" ".join(name.split()), DRAFT.address)


def test_an_eml_is_read_back() -> None:
    found = read_message("x.eml", as_eml(DRAFT))
    assert (found.to, found.subject, found.body, found.attachments) == ((DRAFT.address,), DRAFT.subject, DRAFT.body, ())


def test_attachments_and_html_are_read() -> None:
    message = EmailMessage()
    message["To"] = "Jürgen Groß <j.gross@moeller.example.de>"
    message["Subject"] = "Hi"
    message.set_content("<p>Dear Mr Gro&szlig;,</p><p>thank<br>you</p><style>p {}</style>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="brief.pdf")
    found = read_message("x.EML", message.as_bytes())
    assert [line for line in found.body.split("\n") if line] == ["Dear Mr Groß,", "thank", "you"]
    assert found.attachments == ("brief.pdf",)


def test_an_unknown_charset_is_one_sentence() -> None:
    raw = b"Subject: x\r\nContent-Type: text/plain; charset=nonsense-1\r\n\r\n\xff\xfe"
    with pytest.raises(UsageError, match="x.eml cannot be read as a message"):
        read_message("x.eml", raw)


@pytest.mark.parametrize("form", ["md", "text"])
def test_text_forms_are_read_back(form: str) -> None:
    found = read_message(file_name(DRAFT, form), as_file(DRAFT, form))
    assert (found.to, found.subject, found.body, found.attachments) == (
        (DRAFT.address,),
        DRAFT.subject,
        DRAFT.body,
        None,
    )


def test_markdown_lists_what_is_to_do() -> None:
    text = as_markdown(DRAFT)
    assert "- [ ] Fill in: what you discussed\n- [ ] Find the street.\n" in text
    assert text.startswith("# Möller & Söhne GmbH: Jürgen Groß\n")


def test_a_script_for_a_call_is_no_mail() -> None:
    call = replace(DRAFT, channel="phone", subject="")
    assert file_name(call, "eml").endswith(".md")
    assert as_text(call) == call.body + "\n"
    with pytest.raises(UsageError, match="choose eml, md or text"):
        as_file(DRAFT, "docx")


def test_file_names_are_safe_and_stable() -> None:
    assert file_name(DRAFT) == "moller-sohne-gmbh--redakteurin--jurgen-gross--interview.thank_you.email.eml"
    wild = replace(DRAFT, company="../../etc/passwd\x00:*?", role="CON", recipient="", rule="reply.answer")
    assert file_name(wild) == "etc-passwd--con--x--reply.answer.email.eml"
    long = replace(DRAFT, company="北京" * 80, role="ü" * 300, recipient="x" * 300)
    assert len(file_name(long, "md").encode()) <= 255


def test_two_alike_are_numbered_and_still_found() -> None:
    first = file_name(DRAFT)
    second = first.replace(".eml", "~2.eml")
    assert (
        row_parts(second)
        == row_parts(first)
        == ("moller-sohne-gmbh", "redakteurin", "jurgen-gross", "interview.thank_you", "email")
    )
    assert row_parts("letter to the council.eml") is None


@given(st.text(max_size=200))
def test_a_slug_never_holds_a_separator(text: str) -> None:
    found = slug(text)
    assert found
    assert "--" not in found
    assert not set(found) & set('/\\:*?"<>|~. \n\x00')


def test_a_link_holds_address_subject_and_text() -> None:
    link = urlsplit(mailto(DRAFT))
    assert (link.scheme, link.path) == ("mailto", DRAFT.address)
    assert parse_qs(link.query) == {"subject": [DRAFT.subject], "body": [DRAFT.body.replace("\n", "\r\n")]}


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4000),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=900),
)
def test_a_link_is_never_cut_inside_a_character(body: str, subject: str) -> None:
    link = mailto(replace(DRAFT, body=body, subject=subject))
    assert len(link) <= LONGEST_LINK
    assert link.isascii()
    assert "\ufffd" not in unquote(link, errors="replace").replace(
        "\ufffd", "" if "\ufffd" in body + subject else "\ufffd"
    )
    rest = link.partition("?")[2].split("%")[1:]
    assert all(len(piece) >= 2 and set(piece[:2]) <= set("0123456789ABCDEF") for piece in rest)


def test_a_cut_link_says_so() -> None:
    link = mailto(replace(DRAFT, body="Grüße " * 600))
    assert unquote(link).endswith("…")
    assert mailto(replace(DRAFT, address="")) == ""


def test_a_finished_file_is_checked_by_its_name() -> None:
    found = read_message(
        file_name(DRAFT),
        as_eml(replace(DRAFT, body="Sehr geehrter Herr Groß,\n\n[[was Sie besprachen]] Vielen Dank dafür.\n")),
    )
    ((_, row, findings),) = desk().check_messages([found])
    assert (row, [each.rule for each in findings]) == (21, ["gap"])


@pytest.mark.parametrize("head", ["", "Content-Type: text/plain\n", "Content-Type: text/plain; charset=us-ascii\n"])
def test_a_text_that_does_not_say_how_it_is_written_is_utf_8(head: str) -> None:
    found = read_message("x.eml", f"To: j@example.de\nSubject: Hi\n{head}\nMany thanks, Jürgen 🎉\n".encode())
    assert found.body == "Many thanks, Jürgen 🎉"
