"""D1, D2, D9: the catalogue over HTTP."""

from io import BytesIO

from httpx import AsyncClient
from PIL import Image

from tests.catalog.setup import (
    MemoryBlobs,
    MemoryOutbox,
    WholeCatalog,
    asset,
    film,
)
from vitascope.catalog import EpisodeRemoved
from vitascope.kernel.ids import ContentId, TitleId
from vitascope.kernel.maturity import Maturity


def many_pixels() -> bytes:
    """More of them than a picture may have, of one bit each: made in an instant."""
    out = BytesIO()
    Image.new("1", (11_000, 6_000)).save(out, "PNG")
    return out.getvalue()


def image(width: int, height: int, kind: str = "JPEG") -> bytes:
    """Blue at the left, red at the right."""
    whole = Image.new("RGB", (width, height), "blue")
    whole.paste("red", (width // 2, 0, width, height))
    out = BytesIO()
    whole.save(out, kind)
    return out.getvalue()


def bomb() -> bytes:
    """A few kilobytes that are four hundred megapixels."""
    out = BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    return out.getvalue()


async def test_a_partner_brings_a_poster(client: AsyncClient) -> None:
    me = {"X-Who": "partner"}
    made = (await client.post("/api/studio/titles", json={"name": "Drawn"}, headers=me)).json()
    path = f"/api/studio/titles/{made['id']}/artwork"
    left = {"crop": "0.0,0.0,0.4444,1.0"}
    for kind in ("JPEG", "PNG", "WEBP"):
        content = image(900, 600, kind)
        answer = await client.put(f"{path}/poster", content=content, headers=me, params=left)
        assert answer.status_code == 200, answer.text
    wide = await client.put(f"{path}/landscape", content=image(3200, 1800), headers=me)
    artwork = wide.json()["artwork"]
    shapes = {}
    for field in ("poster", "landscape"):
        shown = await client.get(f"/artwork/{artwork[field]}")
        assert shown.headers["content-type"] == "image/webp"
        with Image.open(BytesIO(shown.content)) as picture:
            shapes[field] = picture.size
            assert picture.getpixel((5, 5))[2] > 200  # type: ignore[index]
            right = picture.getpixel((picture.width - 5, 5))
            reddish = right[0] > 200  # type: ignore[index]
            assert reddish is (field == "landscape"), "another part of it is shown"
    assert shapes == {"poster": (400, 600), "landscape": (1280, 720)}


async def test_a_picture_of_another_shape_is_not_cut_by_guess(client: AsyncClient) -> None:
    me = {"X-Who": "partner"}
    made = (await client.post("/api/studio/titles", json={"name": "Drawn"}, headers=me)).json()
    path = f"/api/studio/titles/{made['id']}/artwork/poster"
    for crop, sentence in (
        (None, "A poster has the shape 2:3"),
        ("0,0,1,1", "A poster has the shape 2:3"),
        ("0.1,0,0.02,0.045", "is too small"),
        ("0,0,1", "left, top, width and height"),
        ("0.8,0,0.4444,1", "left, top, width and height"),
        ("nan,0,0.4444,1", "left, top, width and height"),
        ("0,0,-0.4,1", "left, top, width and height"),
    ):
        params = {"crop": crop} if crop else {}
        answer = await client.put(path, content=image(900, 600), headers=me, params=params)
        assert (answer.status_code, sentence in answer.json()["detail"]) == (400, True), answer.text
    almost = await client.put(path, content=image(601, 900), headers=me)
    assert almost.status_code == 200


async def test_what_is_no_picture_for_a_tile_is_refused_in_words(client: AsyncClient) -> None:
    me = {"X-Who": "partner"}
    made = (await client.post("/api/studio/titles", json={"name": "Drawn"}, headers=me)).json()
    path = f"/api/studio/titles/{made['id']}/artwork"
    cut_short = image(900, 600)[:2000]
    for field, content, sentence in (
        ("poster", b"", "picture can't be read"),
        ("poster", b"<svg/>", "picture can't be read"),
        ("poster", cut_short, "picture can't be read"),
        ("billboard", image(960, 540), "960 × 540 pixels is too small"),
        ("poster", many_pixels(), "60 megapixels"),
        ("poster", bomb(), "60 megapixels"),
        ("sticker", image(900, 600), "no picture called sticker"),
    ):
        answer = await client.put(f"{path}/{field}", content=content, headers=me)
        assert (answer.status_code, sentence in answer.json()["detail"]) == (400, True), answer.text
    rival = {"X-Who": "rival"}
    theirs = await client.put(f"{path}/poster", content=image(900, 600), headers=rival)
    assert theirs.status_code == 404
    same = (await client.get(f"/api/studio/titles/{made['id']}", headers=me)).json()
    assert same["artwork"] == made["artwork"]


async def test_the_studio_knows_every_genre(client: AsyncClient) -> None:
    genres = (await client.get("/api/studio/genres", headers={"X-Who": "partner"})).json()
    assert genres["crime"] == {"en": "Crime", "fr": "Policier"}
    assert (await client.get("/api/studio/genres", headers={"X-Who": "viewer"})).status_code == 403


async def test_a_partner_adds_changes_and_takes_down_a_title(
    client: AsyncClient,
) -> None:
    me = {"X-Who": "partner"}
    made = await client.post("/api/studio/titles", json={"name": "My film"}, headers=me)
    assert made.status_code == 201
    title_id = made.json()["id"]
    change = {"genres": ["horror"], "maturity": 13, "name": "Mon film", "locale": "fr"}
    change["announced"] = True
    changed = await client.put(f"/api/studio/titles/{title_id}", json=change, headers=me)
    assert [words["name"] for words in changed.json()["wordings"]] == ["My film", "Mon film"]
    seen = await client.get("/api/catalog?genre=horror", headers={"X-Who": "viewer"})
    assert [card["name"] for card in seen.json()["cards"]] == ["My film"]
    gone = await client.post(f"/api/studio/titles/{title_id}/take-down", headers=me)
    assert gone.status_code == 204
    seen = await client.get("/api/catalog", headers={"X-Who": "viewer"})
    assert seen.json()["cards"] == []


async def test_a_take_down_is_undone(client: AsyncClient, catalog: WholeCatalog) -> None:
    """I12"""
    me = {"X-Who": "partner"}
    made = [
        (await client.post("/api/studio/titles", json={"name": name}, headers=me)).json()
        for name in ("Live", "Never live")
    ]
    await catalog.publish(TitleId(made[0]["id"]), asset(made[0]["id"]))
    for title, state, seen in zip(made, ("published", "draft"), (True, False), strict=True):
        path = f"/api/studio/titles/{title['id']}"
        await client.post(f"{path}/take-down", headers=me)
        assert (await client.get(path, headers=me)).json()["state"] == "taken-down"
        assert (await client.post(f"{path}/restore", headers={"X-Who": "rival"})).status_code == 404
        back = await client.post(f"{path}/restore", headers=me)
        assert (back.status_code, back.json()["state"]) == (200, state)
        page = (await client.get("/api/catalog", headers={"X-Who": "viewer"})).json()
        assert (title["id"] in str(page)) is seen


async def test_a_draft_is_deleted_and_what_was_published_is_not(
    client: AsyncClient, catalog: WholeCatalog
) -> None:
    me = {"X-Who": "partner"}
    made = [
        (await client.post("/api/studio/titles", json={"name": name}, headers=me)).json()
        for name in ("Draft", "Announced", "Live")
    ]
    draft, announced, live = (f"/api/studio/titles/{title['id']}" for title in made)
    await client.put(announced, json={"announced": True}, headers=me)
    await catalog.publish(TitleId(made[2]["id"]), asset(made[2]["id"]))
    await catalog.take_down(TitleId(made[2]["id"]))
    assert (await client.delete(draft, headers={"X-Who": "rival"})).status_code == 404
    for path in (announced, live):
        refused = await client.delete(path, headers=me)
        assert (refused.status_code, refused.json()["code"]) == (409, "not-a-draft")
    assert (await client.delete(draft, headers=me)).status_code == 204
    assert (await client.get(draft, headers=me)).status_code == 404
    left = (await client.get("/api/studio/titles", headers=me)).json()["titles"]
    assert {title["id"] for title in left} == {made[1]["id"], made[2]["id"]}
    fresh = WholeCatalog(
        rows=catalog._rows, outbox=MemoryOutbox(), blobs=MemoryBlobs(), clock=catalog._clock
    )
    assert await fresh.titles([TitleId(made[0]["id"])]) == [], "another process knows it too"
    names = {type(event).__name__ for event in catalog._outbox.heard}  # type: ignore[attr-defined]
    assert "TitleDeleted" in names


async def test_an_episode_that_can_be_watched_is_not_left_out(
    client: AsyncClient, catalog: WholeCatalog
) -> None:
    me = {"X-Who": "partner"}
    seasons = [{"number": 1, "episodes": [{"number": n, "name": f"Part {n}"} for n in (1, 2)]}]
    body = {"name": "Saga", "kind": "series", "seasons": seasons}
    made = (await client.post("/api/studio/titles", json=body, headers=me)).json()
    first, second = (one["id"] for one in made["seasons"][0]["episodes"])
    await catalog.publish(TitleId(made["id"]), asset(first))
    path = f"/api/studio/titles/{made['id']}"
    for kept, status in ((second, 400), (first, 200)):
        left = [{"number": 1, "episodes": [{"number": 5, "name": "Left", "id": kept}]}]
        answer = await client.put(path, json={"seasons": left}, headers=me)
        assert answer.status_code == status, answer.text
    heard = catalog._outbox.heard  # type: ignore[attr-defined]
    removed = [event.content_id for event in heard if isinstance(event, EpisodeRemoved)]
    assert removed == [second]


async def test_a_partner_has_rights_over_its_own_titles_only(
    client: AsyncClient,
) -> None:
    made = await client.post("/api/studio/titles", json={"name": "A"}, headers={"X-Who": "partner"})
    path = f"/api/studio/titles/{made.json()['id']}"
    for who, status in (("rival", 404), ("viewer", 403), ("nobody", 401), ("operator", 200)):
        headers = {"X-Who": who}
        assert (await client.get(path, headers=headers)).status_code == status
        assert (await client.put(path, json={"year": 1930}, headers=headers)).status_code == status
    rival = await client.post(f"{path}/take-down", headers={"X-Who": "rival"})
    assert rival.status_code == 404
    for who, count in (("rival", 0), ("operator", 1)):
        answer = await client.get("/api/studio/titles", headers={"X-Who": who})
        assert len(answer.json()["titles"]) == count


async def test_a_series_gets_its_episodes_and_keeps_their_ids(
    client: AsyncClient,
) -> None:
    me = {"X-Who": "partner"}
    seasons = [{"number": 1, "episodes": [{"number": 1, "name": "One"}]}]
    body = {"name": "Saga", "kind": "series", "seasons": seasons}
    made = (await client.post("/api/studio/titles", json=body, headers=me)).json()
    first = made["seasons"][0]["episodes"][0]["id"]
    seasons[0]["episodes"] = [
        {"number": 1, "name": "Uno", "id": first},
        {"number": 2, "name": "Two"},
    ]
    path = f"/api/studio/titles/{made['id']}"
    changed = (await client.put(path, json={"seasons": seasons}, headers=me)).json()
    episodes = changed["seasons"][0]["episodes"]
    assert [e["wordings"][0]["name"] for e in episodes] == ["Uno", "Two"]
    assert episodes[0]["id"] == first
    foreign = [{"number": 1, "episodes": [{"number": 1, "name": "X", "id": "epi_other"}]}]
    refused = await client.put(path, json={"seasons": foreign}, headers=me)
    assert (refused.status_code, refused.json()["code"]) == (400, "bad-title")


async def test_a_title_without_a_level_is_not_for_children(
    client: AsyncClient,
) -> None:
    body = {"name": "A", "announced": True}
    await client.post("/api/studio/titles", json=body, headers={"X-Who": "partner"})
    seen = await client.get("/api/catalog", headers={"X-Who": "kid"})
    assert seen.json()["cards"] == []


async def test_a_draft_is_its_partner_s_alone_until_it_is_announced_or_published(
    client: AsyncClient, catalog: WholeCatalog
) -> None:
    """D1 I13: a title that was only made to deliver a master for is not shown as coming."""
    me = {"X-Who": "partner"}

    async def seen() -> list[str]:
        page = (await client.get("/api/catalog", headers={"X-Who": "viewer"})).json()
        return sorted(card["name"] for card in page["cards"])

    made = [
        (await client.post("/api/studio/titles", json={"name": name}, headers=me)).json()
        for name in ("Coming", "Published")
    ]
    coming, published = (f"/api/studio/titles/{title['id']}" for title in made)
    assert [title["state"] for title in made] == ["draft", "draft"]
    assert (await client.put(coming, json={"year": 1930}, headers=me)).json()["state"] == "draft"
    assert await seen() == []
    await client.put(coming, json={"announced": True}, headers=me)
    assert await seen() == ["Coming"]
    await client.put(coming, json={"announced": False}, headers=me)
    assert await seen() == []
    await catalog.publish(TitleId(made[1]["id"]), asset(made[1]["id"]))
    assert await seen() == ["Published"]
    kept = await client.put(published, json={"announced": False}, headers=me)
    assert kept.json()["state"] == "published"
    assert await seen() == ["Published"]


async def test_a_kids_profile_browses_within_its_level(
    client: AsyncClient, catalog: WholeCatalog
) -> None:
    """D9"""
    await catalog.save(film("Grown", maturity=Maturity.THIRTEEN, genres=("horror",)))
    await catalog.save(film("Small"))
    kid = {"X-Who": "kid"}
    seen = await client.get("/api/catalog", headers=kid)
    assert [card["name"] for card in seen.json()["cards"]] == ["Small"]
    genres = await client.get("/api/genres", headers=kid)
    assert [genre["slug"] for genre in genres.json()] == ["drama"]


async def test_a_picture_may_be_kept_for_ever(client: AsyncClient, catalog: WholeCatalog) -> None:
    path = await catalog.keep_picture(b"RIFF picture", "webp")
    assert await catalog.keep_picture(b"RIFF picture", "webp") == path
    answer = await client.get(f"/artwork/{path}")
    assert (answer.content, answer.headers["content-type"]) == (b"RIFF picture", "image/webp")
    assert "immutable" in answer.headers["cache-control"]
    again = await client.get(f"/artwork/{path}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    for wrong in ("0" * 40 + ".webp", "..%2Fsecret", "poster.webp"):
        assert (await client.get(f"/artwork/{wrong}")).status_code == 404


async def test_a_player_may_ask_for_a_part_of_a_clip(
    client: AsyncClient, catalog: WholeCatalog
) -> None:
    path = await catalog.keep_picture(b"0123456789", "mp4")
    for asked, got, told in (
        ("bytes=0-1", b"01", "bytes 0-1/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
    ):
        answer = await client.get(f"/artwork/{path}", headers={"Range": asked})
        assert (answer.status_code, answer.content) == (206, got)
        assert answer.headers["content-range"] == told
        assert answer.headers["content-type"] == "video/mp4"
    many = "9" * 5000  # digits, which Python does not read as a number
    beyond = (f"bytes={many}-", f"bytes=0-{many}", "bytes=" + "0-1," * 1000)
    for odd in ("bytes=20-", "bytes=5-2", "bytes=-3", "bytes=0-1,4-5", "frames=1-2", *beyond):
        answer = await client.get(f"/artwork/{path}", headers={"Range": odd})
        assert (answer.status_code, answer.content) == (200, b"0123456789")


async def test_a_partner_sees_a_title_as_viewers_will(
    client: AsyncClient, catalog: WholeCatalog
) -> None:
    """I12: before it is published, and nobody else."""
    me = {"X-Who": "partner"}
    body = {"name": "Soon", "synopsis": "It begins."}
    made = (await client.post("/api/studio/titles", json=body, headers=me)).json()
    title_id = TitleId(made["id"])
    path = f"/api/studio/titles/{title_id}/preview"
    bare = (await client.get(path, headers=me)).json()
    assert (bare["page"]["card"]["name"], bare["page"]["synopsis"]) == ("Soon", "It begins.")
    assert bare["contents"] == []
    waiting = asset(title_id, "v1")
    await catalog.prepare(title_id, waiting)
    seen = (await client.get(path, headers=me)).json()
    assert (seen["contents"], seen["page"]["max_height"]) == ([title_id], 720)
    content_id = ContentId(title_id)
    playable = await catalog.previewed(title_id, content_id, "en")
    assert (playable.asset, playable.name) == (waiting, "Soon")
    for who, status in (("rival", 404), ("viewer", 403), ("operator", 200)):
        assert (await client.get(path, headers={"X-Who": who})).status_code == status
    assert await catalog.asset(content_id) is None
    await catalog.publish(title_id, waiting)
    assert await catalog.prepared(content_id) is None
    next_ = asset(title_id, "v2", height=1080)
    assert not await catalog.prepare(title_id, next_, instead_of="v1"), "it is not there any more"
    assert await catalog.prepare(title_id, next_)
    assert (await catalog.previewed(title_id, content_id, "en")).asset == next_
    assert await catalog.asset(content_id) == waiting
