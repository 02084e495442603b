"""Google spreadsheets keep every promise of `Source`."""

from __future__ import annotations

import pytest
from contract_commands import CommandContract
from person import PersonAtGoogle


class TestGoogleSource(CommandContract):
    last_columns = 18_275

    @pytest.fixture
    def person(self, google: PersonAtGoogle) -> PersonAtGoogle:
        return google
