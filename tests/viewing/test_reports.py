"""Which reports are wanted after a title was removed from history."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from vitascope.viewing.reports import wanted

REMOVED_MS = 1000


@pytest.mark.parametrize(("began_ms", "counts"), [(999, False), (1000, False), (1001, True)])
def test_a_session_counts_that_began_after_its_title_was_removed(
    began_ms: int, counts: bool
) -> None:
    report = cast(Any, SimpleNamespace(session_started_at_ms=began_ms, at_ms=5000))
    assert wanted(report, REMOVED_MS) is counts
    assert wanted(report, None)
