"""Which formulas mean the same everywhere, and how one is written for a Google spreadsheet of some locale."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.sheets.google.formulas import from_google, to_google
from sheetsync.sheets.portable_formulas import is_portable


@pytest.mark.parametrize(
    "formula",
    [
        "SUM(A1:B2)",
        "TODAY()-$B5",
        "'My sheet'!A1+Jobs!$B$2",
        'IF(A1="x[",1.5E3,TRUE)',
        "COUNTIF('Job search'!$Z:$Z,\"<\"&TODAY())",
        "INDEX(A:A,1):INDEX(A:A,5)",
        'N("sheetsync:due")=0',
    ],
)
def test_what_every_program_knows_is_carried(formula: str) -> None:
    assert is_portable(formula)


@pytest.mark.parametrize(
    "formula",
    [
        "XLOOKUP(A1,B:B,C:C)",
        "_xlfn.FILTER(A1:A2,B1)",
        "QUERY(A1:B2,C1)",
        "IMPORTRANGE(A1,B1)",
        "Jobs[Status]",
        "[1]Sheet1!A1",
        "SUM(A2:A)",
        "Rate*2",
        "IFERROR(A1,#N/A)",
        "#REF!+1",
    ],
)
def test_what_one_of_them_lacks_is_not(formula: str) -> None:
    assert not is_portable(formula)


@pytest.mark.parametrize(
    ("locale", "there"),
    [
        ("en_GB", 'IF(A1>1.5;"a,b";{1,2;3,4})'),
        ("de_DE", 'IF(A1>1,5;"a,b";{1\\2;3\\4})'),
        ("de_CH", 'IF(A1>1.5;"a,b";{1,2;3,4})'),
    ],
)
def test_a_formula_is_written_as_the_locale_wants_it_and_read_back(locale: str, there: str) -> None:
    formula = 'IF(A1>1.5,"a,b",{1,2;3,4})'
    assert to_google(formula, locale) == there
    assert from_google(there, locale) == formula


def test_a_formula_typed_with_commas_where_points_part_decimals_is_read_as_it_is() -> None:
    assert from_google("SUM(1,2,A1)", "en_US") == "SUM(1,2,A1)"


@given(st.sampled_from(["en_US", "de_DE", "fr_FR", "ja_JP", None]), st.text("A1,\"'.()&<=+", max_size=30))
def test_no_text_in_quotes_is_ever_changed(locale: str | None, text: str) -> None:
    quoted = '"' + text.replace('"', '""') + '"'
    assert to_google(f"LEN({quoted})", locale) == f"LEN({quoted})"
    assert from_google(f"LEN({quoted})", locale) == f"LEN({quoted})"
