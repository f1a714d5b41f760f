"""Problem bodies (RFC 9457) for statuses that HTTP names, and for one that only tus does."""

import json

import pytest

from vitascope.gateway.problems import body_of


@pytest.mark.parametrize(
    ("status", "code", "title"),
    [(404, "no-such-title", "Not Found"), (460, "checksum-mismatch", "Checksum mismatch")],
)
def test_every_status_has_a_title(status: int, code: str, title: str) -> None:
    body = json.loads(body_of(status, code, "What to do."))
    assert (body["title"], body["status"], body["code"]) == (title, status, code)
