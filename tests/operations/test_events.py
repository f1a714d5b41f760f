"""G4: an event that could not be handled is listed with its cause, and replayed once mended."""

import httpx
import msgspec
import pytest

from tests.operations.conftest import Deployment, signed_in
from vitascope.kernel.viewer import Role


@pytest.mark.long
async def test_an_operator_lists_and_replays_them_by_the_command_line(
    deployment: Deployment,
) -> None:
    await deployment.drain()
    status, out, _ = await deployment.vita("dead", "--group", "letters", "--json")
    found = msgspec.json.decode(out)
    assert (status, len(found)) == (0, len(Role))
    assert {each["error"] for each in found} == {"ValueError: the printer is out of paper"}
    assert found[0]["event"] == {"event": "AccountOpened", "account_id": found[0]["key"]}

    deployment.letters.mended = True
    status, out, _ = await deployment.vita("replay", "letters", found[0]["id"])
    assert (status, out) == (0, "1 event is sent to letters again.\n")
    await deployment.drain()
    assert deployment.letters.heard == [found[0]["key"]]

    status, out, _ = await deployment.vita("replay", "letters", "--all")
    assert (status, out) == (0, f"{len(Role) - 1} events are sent to letters again.\n")
    await deployment.drain()
    assert sorted(deployment.letters.heard) == sorted(each["key"] for each in found)

    status, out, error = await deployment.vita("dead")
    assert (status, out) == (0, "")
    assert "All events were handled" in error
    status, _, error = await deployment.vita("replay", "letters", found[0]["id"])
    assert status == 1
    assert "has no dead letter" in error
    assert (await deployment.vita("replay", "letters"))[0] == 2
    assert (await deployment.vita("replay", "letters", "evt_1", "--all"))[0] == 2


@pytest.mark.long
async def test_what_fails_again_comes_back_to_the_list(deployment: Deployment) -> None:
    await deployment.drain()
    before = (await deployment.vita("dead"))[1]
    await deployment.vita("replay", "letters", "--all")
    await deployment.drain()
    after = (await deployment.vita("dead"))[1]
    assert len(before.splitlines()) == len(after.splitlines()) == len(Role)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PARTNER])
async def test_nobody_but_an_operator_may(deployment: Deployment, role: Role) -> None:
    async with signed_in(deployment, role) as http:
        assert (await http.get("/api/console/events/dead")).status_code == 403
        body = {"group": "letters"}
        assert (await http.post("/api/console/events/replay", json=body)).status_code == 403
    async with httpx.AsyncClient(base_url=deployment.url, timeout=120) as http:
        assert (await http.get("/api/console/events/dead")).status_code == 401
