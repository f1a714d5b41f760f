"""Section 2: what the API answers stays in no cache, unless its route says otherwise."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.operations.conftest import Deployment, signed_in
from vitascope.kernel.viewer import Role

DOCUMENT = Path(__file__).parents[2] / "web" / "openapi.json"  # `vita check` keeps it fresh
KEPT = {  # by the browser alone, which asks each time if it is still so
    "/api/homepage": "private, no-cache",
    "/api/titles/{title_id}": "private, no-cache",
}
PUBLIC = {"/artwork/{name}"}  # a name is a hash of what it names
PRIVATE = ("private, no-store", "no-store")


def reading() -> Iterator[str]:
    document: dict[str, Any] = msgspec.json.decode(DOCUMENT.read_bytes())
    yield from (path for path, item in document["paths"].items() if "get" in item)


def filled(path: str) -> str:
    """Returns the path with some id in the place of each parameter."""
    parts = ("x_1" if part.startswith("{") else part for part in path.split("/"))
    return "/".join(parts)


@pytest.mark.parametrize("role", list(Role))
async def test_no_route_answers_what_a_cache_may_keep(deployment: Deployment, role: Role) -> None:
    """Each route that reads, as each kind of account: what it answers, and what it refuses."""
    paths = [path for path in reading() if path not in (*PUBLIC, "/api/studio/events")]
    answered = 0
    async with signed_in(deployment, role) as http:
        profiles = (await http.get("/api/profiles")).json()
        chosen = await http.post(f"/api/profiles/{profiles[0]['id']}/choose", json={})
        http.headers["Authorization"] = f"Bearer {chosen.json()['tokens']['access_token']}"
        for path in paths:
            answer = await http.get(filled(path))
            answered += answer.is_success
            allowed = (*PRIVATE, KEPT.get(path, "no-store"))
            assert answer.headers["cache-control"] in allowed, (path, answer.status_code)
    assert len(paths) > 30
    assert answered > 10
