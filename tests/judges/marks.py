"""Which judges can sit here: marks for tests, each with the reason for skipping."""

from __future__ import annotations

from typing import Final

import pytest

from judges import office, validator

needs_validator: Final = pytest.mark.skipif(
    validator.validator() is None,
    reason="Microsoft's validator is not here (run tests/judges/install-validator.sh)",
)
needs_office: Final = pytest.mark.skipif(office.missing() is not None, reason=str(office.missing()))
