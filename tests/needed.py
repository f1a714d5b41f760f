"""What a test needs of the machine: where it is missing, the test is skipped, but never in CI."""

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip this test, or fail it where `CI` is set. `what` is a sentence that says what to do."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)
