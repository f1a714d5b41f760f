"""U1, U2 over HTTP: the refresh cookie, forms, and what limited profiles may not do."""

from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest

from tests.gateway.application import PASSWORD, application, client_of, sign_up
from vitascope.kernel.clock import HeldClock

FORM = {"email": "ada@example.org", "password": PASSWORD, "name": "Ada"}


@pytest.fixture
async def client(data: Path, clock: HeldClock) -> AsyncIterator[httpx.AsyncClient]:
    async with application(data, clock) as (door, _), client_of(door) as made:
        yield made


def bearer(answer: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['tokens']['access_token']}"}


async def test_a_browser_keeps_its_refresh_token_where_scripts_cannot_read_it(
    client: httpx.AsyncClient, clock: HeldClock
) -> None:
    signed_in = await sign_up(client)
    assert signed_in["tokens"]["refresh_token"] == ""
    first = client.cookies["vita_refresh"]
    clock.advance(3600)
    fresh = await client.post("/api/refresh", json={})
    assert fresh.status_code == 200
    assert fresh.headers["cache-control"] == "private, no-store"
    assert fresh.json()["tokens"]["refresh_token"] == ""
    (cookie,) = SimpleCookie(fresh.headers["set-cookie"]).values()
    assert cookie["httponly"]
    assert cookie["samesite"].lower() == "strict"
    assert cookie["path"] == "/api"
    assert cookie.value != first
    assert (await client.get("/api/me", headers=bearer(fresh))).status_code == 200


async def test_other_devices_get_theirs_in_the_answer(client: httpx.AsyncClient) -> None:
    signed_in = await sign_up(client, device={"name": "vita", "kind": "probe"})
    token = signed_in["tokens"]["refresh_token"]
    assert token.startswith("vrt_")
    assert "vita_refresh" not in client.cookies
    fresh = await client.post("/api/refresh", json={"refresh_token": token})
    assert fresh.json()["tokens"]["refresh_token"].startswith("vrt_")
    assert "set-cookie" not in fresh.headers
    assert (await client.post("/api/refresh")).status_code == 401


async def test_signing_out_takes_the_cookie_back(client: httpx.AsyncClient) -> None:
    await sign_up(client)
    stolen = client.cookies["vita_refresh"]
    answer = await client.post("/api/sign-out")
    assert answer.status_code == 204
    assert "vita_refresh" not in client.cookies
    client.cookies.set("vita_refresh", stolen, domain="vitascope.test", path="/api")
    assert (await client.post("/api/refresh")).json()["code"] == "token-refused"


@pytest.mark.parametrize("told_by", ["the settings", "the request"])
async def test_over_https_the_cookie_is_this_host_s_alone(
    data: Path, clock: HeldClock, told_by: str
) -> None:
    """What begins with `__Host-` a browser keeps only if it is secure, has the path / and names no
    domain."""
    async with application(data, clock, secure=told_by == "the settings") as (app, _):
        scheme = "https" if told_by == "the request" else "http"
        async with client_of(app, scheme=scheme) as client:
            signed_up = await client.post("/api/sign-up", json=FORM)
            (name, cookie), *others = SimpleCookie(signed_up.headers["set-cookie"]).items()
            assert not others
            assert name == "__Host-vita_refresh"
            assert (cookie["path"], cookie["domain"]) == ("/", "")
            assert cookie["secure"]
            assert cookie["httponly"]
            assert cookie["samesite"].lower() == "strict"
            kept = {"Cookie": f"{name}={cookie.value}"}
            fresh = await client.post("/api/refresh", headers=kept)
            assert fresh.status_code == 200
            out = await client.post("/api/sign-out", headers=bearer(fresh))
            assert SimpleCookie(out.headers["set-cookie"])[name]["max-age"] == "0"


async def test_a_browser_with_the_older_cookie_stays_signed_in(
    data: Path, clock: HeldClock
) -> None:
    async with application(data, clock) as (app, _), client_of(app, scheme="https") as client:
        async with client_of(app) as before:
            older = SimpleCookie(
                (await before.post("/api/sign-up", json=FORM)).headers["set-cookie"]
            )
        token = older["vita_refresh"].value
        fresh = await client.post("/api/refresh", headers={"Cookie": f"vita_refresh={token}"})
        assert fresh.status_code == 200
        told = [SimpleCookie(each) for each in fresh.headers.get_list("set-cookie")]
        cookies = {name: cookie for each in told for name, cookie in each.items()}
        assert cookies["__Host-vita_refresh"].value not in ("", token)
        gone = cookies["vita_refresh"]
        assert (gone["max-age"], gone["path"]) == ("0", "/api")


async def test_nobody_signs_up_as_an_operator(client: httpx.AsyncClient) -> None:
    signed_in = await sign_up(client, role="operator", country="XX")
    assert signed_in["account"]["role"] == "viewer"
    assert signed_in["account"]["country"] == "FR"


async def test_a_profile_is_chosen_and_stays_chosen(client: httpx.AsyncClient) -> None:
    await sign_up(client)
    added = await client.post("/api/profiles", json={"name": "Zoe", "kids": True})
    assert added.status_code == 201
    zoe = added.json()
    chosen = await client.post(f"/api/profiles/{zoe['id']}/choose")
    assert chosen.json()["profile"] == zoe
    me = (await client.get("/api/me", headers=bearer(chosen))).json()
    assert me["profile"]["id"] == zoe["id"]
    fresh = await client.post("/api/refresh")
    assert fresh.json()["profile"]["id"] == zoe["id"]


async def limited(client: httpx.AsyncClient, who: str) -> tuple[dict[str, str], str]:
    """Returns the headers of a profile with limits, or of a device on which none was chosen, beside
    an adult's; and the id of the profile with limits."""
    limits = {"maturity": 13} if who == "a teenager" else {"kids": True}
    zoe = (await client.post("/api/profiles", json={"name": "Zoe", **limits})).json()["id"]
    if who == "nobody yet":
        return dict(client.headers), zoe
    return bearer(await client.post(f"/api/profiles/{zoe}/choose", json={})), zoe


LIMITED = pytest.mark.parametrize("who", ["a child", "a teenager", "nobody yet"])


@LIMITED
async def test_a_childs_profile_manages_nothing(client: httpx.AsyncClient, who: str) -> None:
    """Nor does a device on which no profile was chosen yet: a child who opens the app has none."""
    await sign_up(client)
    headers, zoe = await limited(client, who)
    (parent, _) = (await client.get("/api/profiles")).json()
    (device,) = (await client.get("/api/devices")).json()
    tries = [
        ("POST", "/api/profiles", {"name": "Grown up"}),
        ("PATCH", f"/api/profiles/{zoe}", {"kids": False}),
        ("PATCH", f"/api/profiles/{zoe}", {"maturity": 18}),
        ("PATCH", f"/api/profiles/{zoe}", {"pin": "1234"}),
        ("PATCH", f"/api/profiles/{parent['id']}", {"pin": ""}),
        ("PATCH", f"/api/profiles/{parent['id']}", {"name": "Mum"}),
        ("DELETE", f"/api/profiles/{parent['id']}", None),
        ("DELETE", f"/api/devices/{device['id']}", None),
        ("POST", "/api/sign-out-everywhere", None),
        ("POST", "/api/device-code", None),
        ("PUT", "/api/subscription", {"plan_id": "premium"}),
        ("DELETE", "/api/subscription", None),
    ]
    code = "profile-needed" if who == "nobody yet" else "forbidden"
    for method, path, body in tries:
        answer = await client.request(method, path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, code), (method, path)
    adult = bearer(await client.post(f"/api/profiles/{parent['id']}/choose", json={}))
    for method, path, body in tries[-2:]:
        answer = await client.request(method, path, json=body, headers=adult)
        assert answer.status_code < 300, (method, path)


@LIMITED
async def test_a_child_learns_of_its_own_device_alone(client: httpx.AsyncClient, who: str) -> None:
    """On which devices the others watch, and when they last did, is theirs."""
    own = (await sign_up(client))["device"]["id"]
    form = {"email": "ada@example.org", "password": PASSWORD, "device": {"name": "Bedroom"}}
    await client.post("/api/sign-in", json=form)
    headers, _ = await limited(client, who)
    told = await client.get("/api/devices", headers=headers)
    assert [each["id"] for each in told.json()] == [own]
    assert "Bedroom" not in told.text
    (parent, _) = (await client.get("/api/profiles")).json()
    adult = bearer(await client.post(f"/api/profiles/{parent['id']}/choose", json={}))
    assert len((await client.get("/api/devices", headers=adult)).json()) == 2


async def test_where_nobody_has_limits_no_profile_needs_to_be_chosen(
    client: httpx.AsyncClient,
) -> None:
    await sign_up(client)
    assert (await client.post("/api/profiles", json={"name": "Bo"})).status_code == 201
    assert (await client.put("/api/subscription", json={"plan_id": "premium"})).status_code == 200
    assert (await client.post("/api/sign-out-everywhere")).status_code == 204


COOKIE_PATHS = [
    "sign-up",
    "sign-in",
    "sign-in-by-code",
    "refresh",
    "sign-out",
    "sign-out-everywhere",
]


@pytest.mark.parametrize("path", [f"/api/{name}" for name in COOKIE_PATHS])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://vitascope.test"},
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "http://vitascope.test:9"},
        {"Content-Type": "text/plain"},
    ],
)
async def test_another_site_uses_no_cookie_of_ours(
    client: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    await sign_up(client)
    made = (await client.post("/api/device-code")).json()
    forms = {
        "/api/sign-in-by-code": {"code": made["code"]},
        "/api/sign-up": {"email": "bo@example.org", "password": PASSWORD, "name": "Bo"},
        "/api/sign-in": {"email": "ada@example.org", "password": PASSWORD},
    }
    form = forms.get(path, {})
    answer = await client.post(path, json=form, headers=headers)
    assert answer.status_code == 403 or (path in forms and answer.status_code == 400)
    assert "set-cookie" not in answer.headers
    own = {"Origin": "http://vitascope.test"}
    assert (await client.post(path, json=form, headers=own)).status_code < 300


async def test_devices_are_listed_and_revoked(client: httpx.AsyncClient) -> None:
    await sign_up(client)
    form = {"email": "ada@example.org", "password": PASSWORD, "device": {"name": "TV\u202e\n"}}
    tv = (await client.post("/api/sign-in", json=form)).json()["device"]
    listed = (await client.get("/api/devices")).json()
    assert {d["name"] for d in listed} == {"TV", "Unnamed device"}
    assert (await client.delete(f"/api/devices/{tv['id']}")).status_code == 204
    assert (await client.delete(f"/api/devices/{tv['id']}")).status_code == 404
    assert len((await client.get("/api/devices")).json()) == 1


async def test_who_guesses_is_told_how_long_to_wait(client: httpx.AsyncClient) -> None:
    await sign_up(client)
    form = {"email": "ada@example.org", "password": "wrong"}
    answers = [await client.post("/api/sign-in", json=form) for _ in range(6)]
    assert [a.status_code for a in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert answers[-1].json()["code"] == "sign-in-throttled"


async def test_plans_are_public_and_can_be_chosen(client: httpx.AsyncClient) -> None:
    assert len((await client.get("/api/plans")).json()) == 3
    assert (await client.get("/api/subscription")).status_code == 401
    await sign_up(client)
    chosen = await client.put("/api/subscription", json={"plan_id": "premium"})
    assert chosen.json()["plan"]["streams"] == 4
    wrong = await client.put("/api/subscription", json={"plan_id": "platinum"})
    assert wrong.json()["code"] == "no-such-plan"
