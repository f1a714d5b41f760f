"""Each rule is a function over a tree, so that it can be shown to catch a planted offence."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT
