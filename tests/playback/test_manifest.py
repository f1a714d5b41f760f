"""P3, P5, I9: one session's manifests hold its rungs, its edges and its keys, and nothing else."""

import base64
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.playback.setup import EDGES, RING, Setup, plan, viewer
from vitascope.kernel import path_tokens
from vitascope.kernel.errors import NotFound
from vitascope.kernel.ids import EdgeId, KeyId
from vitascope.kernel.media import KeyLabel
from vitascope.playback import SessionEnded
from vitascope.playback.hls import attributes_of

NS = {"d": "urn:mpeg:dash:schema:mpd:2011"}


async def token(setup: Setup, **wish: Any) -> str:
    answer = await setup.play(**wish)
    return str(answer.manifests.dash.split("/")[3])


async def test_the_mpd_has_the_rungs_granted_and_all_sound_and_text(setup: Setup) -> None:
    setup.billing.plan = plan(2, 720)
    root = ET.fromstring(await setup.playback.dash(await token(setup)))
    names = [e.text for e in root.findall(".//d:Representation/d:BaseURL", NS)]
    assert names == ["v240.mp4", "v720.mp4", "a-en-2.mp4", "t-fr.mp4"]
    hd = root.findall(".//d:AdaptationSet[@maxHeight]", NS)
    assert [a.get("maxHeight") for a in hd] == ["720"]


async def test_the_mpd_names_edges_steering_and_the_licence_server(setup: Setup) -> None:
    text = await setup.playback.dash(await token(setup))
    root = ET.fromstring(text)
    bases = root.findall("d:BaseURL", NS)
    assert {b.get("serviceLocation") for b in bases} == set(EDGES)
    for base in bases:
        asset, version = "ast_film", "v1"
        path = (base.text or "").split("/")[4]
        now = setup.clock.now_ms()
        path_tokens.check(RING, path_tokens.EDGE, f"{asset}/{version}", path, now)
    steering = root.find("d:ContentSteering", NS)
    assert steering is not None
    assert steering.get("defaultServiceLocation") == bases[0].get("serviceLocation")
    assert (steering.text or "").startswith("/api/steering/ses_")
    encrypted = root.findall(".//d:ContentProtection[@value='ClearKey1.0']", NS)
    assert len(encrypted) == 3, "video SD, video HD and sound; subtitles are in the clear"
    assert text.count("/api/licence/clearkey") == 3
    assert "<MPD xmlns=" in text
    assert "cenc:default_KID" in text


async def test_one_key_session_brings_every_key_of_the_film(setup: Setup) -> None:
    """The same init data in every adaptation set: a W3C common pssh with all their key ids."""
    root = ET.fromstring(await setup.playback.dash(await token(setup)))
    kid = "{urn:mpeg:cenc:2013}default_KID"
    sets = root.findall(".//d:ContentProtection", NS)
    named = {bytes.fromhex(s.get(kid, "").replace("-", "")) for s in sets if s.get(kid)}
    (pssh,) = {e.text or "" for e in root.iter("{urn:mpeg:cenc:2013}pssh") if _is_common(e)}
    box = base64.b64decode(pssh)
    assert int.from_bytes(box[:4], "big") == len(box)
    assert box[4:12] == b"pssh\1\0\0\0"
    assert {
        box[32 + 16 * n : 48 + 16 * n] for n in range(int.from_bytes(box[28:32], "big"))
    } == named
    assert len(named) == 3


def _is_common(pssh: ET.Element) -> bool:
    return base64.b64decode(pssh.text or "")[12:28].hex() == "1077efecc0b24d02ace33c1e52e2fb4b"


async def test_without_hd_no_trace_of_it_is_left(setup: Setup) -> None:
    setup.billing.plan = plan(2, 1080, KeyLabel.AUDIO, KeyLabel.SD)
    named = await token(setup)
    text = await setup.playback.dash(named)
    assert "v720" not in text
    assert "adaptation-set-switching" not in text
    playlist = await setup.playback.hls(named, "main.m3u8")
    assert "v720" not in playlist
    for name in ("edge-a~v720.m3u8", "edge-a~v1080.m3u8"):
        with pytest.raises(NotFound):
            await setup.playback.hls(named, name)
    for file in ("v720.mp4", "v1080.mp4"):
        with pytest.raises(NotFound):
            await setup.playback.through(named, file)


async def test_the_multivariant_playlist_has_a_pathway_for_each_edge(setup: Setup) -> None:
    text = await setup.playback.hls(await token(setup), "main.m3u8")
    lines = text.splitlines()
    [steering] = [line for line in lines if line.startswith("#EXT-X-CONTENT-STEERING")]
    assert 'SERVER-URI="/api/steering/ses_' in steering
    variants = [attributes_of(line) for line in lines if line.startswith("#EXT-X-STREAM-INF")]
    assert sorted(v["PATHWAY-ID"] for v in variants) == ['"edge-a"'] * 3 + ['"edge-b"'] * 3
    media = [attributes_of(line) for line in lines if line.startswith("#EXT-X-MEDIA")]
    groups = {m["GROUP-ID"] for m in media}
    assert {v["AUDIO"] for v in variants} | {v["SUBTITLES"] for v in variants} == groups
    assert {m["URI"].rpartition("/")[2] for m in media} == {
        f'{edge}~{name}.m3u8"' for edge in EDGES for name in ("a-en-2", "t-fr")
    }


@pytest.mark.parametrize(
    ("rendition", "label"),
    [("v240", KeyLabel.SD), ("v1080", KeyLabel.HD), ("a-en-2", KeyLabel.AUDIO), ("t-fr", None)],
)
async def test_a_media_playlist_names_its_own_key_and_its_own_edge(
    setup: Setup, rendition: str, label: KeyLabel | None
) -> None:
    text = await setup.playback.hls(await token(setup), f"edge-b~{rendition}.m3u8")
    files = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert files
    assert all(re.match(r"http://edge-b\.localhost:8401/s/k1\.\d+\.", file) for file in files)
    assert f"/ast_film/v1/{rendition}.mp4" in files[0]
    keys = [attributes_of(line) for line in text.splitlines() if line.startswith("#EXT-X-KEY")]
    if label is None:
        assert keys == []
        return
    [key] = keys
    key_id = setup.catalog.asset.key_ids[label]
    assert (key["METHOD"], key["KEYFORMAT"]) == ("SAMPLE-AES", '"identity"')
    url, _, licence = key["URI"].strip('"').partition("?token=")
    assert url == f"/api/licence/key/{key_id}"
    assert key["IV"].startswith("0x")
    assert len(await setup.licensing.raw_key(licence, KeyId(key_id))) == 16


async def test_a_native_player_is_led_to_a_fresh_edge_each_time(setup: Setup) -> None:
    there = {"edge-a": "http://edge-a.example"}
    await setup.report("edge-a", ports=there)
    named = await token(setup)
    variants = await setup.playback.hls(named, "native.m3u8")
    assert "PATHWAY-ID" not in variants
    assert "native~v240.m3u8" in variants
    text = await setup.playback.hls(named, "native~v240.m3u8")
    files = {line for line in text.splitlines() if line and not line.startswith("#")}
    assert files == {f"/api/manifest/{named}/through/v240.mp4"}
    first = await setup.playback.through(named, "v240.mp4")
    setup.clock.advance(7)
    await setup.report("edge-a", ports=there)
    assert first.endswith("/ast_film/v1/v240.mp4")
    setup.clock.advance(4)
    await setup.report("edge-a", ports=there)
    assert "//edge-a." in await setup.playback.through(named, "v240.mp4")
    with pytest.raises(NotFound):
        await setup.playback.through(named, "v999.mp4")


async def test_a_native_player_is_given_no_name_that_browsers_alone_know(setup: Setup) -> None:
    url = await setup.playback.through(await token(setup), "v240.mp4")
    assert url.startswith("http://localhost:8401/s/")


@pytest.mark.parametrize("name", ["x.m3u8", "edge-q~v240.m3u8", "edge-a~../v240.m3u8", "main.txt"])
async def test_an_unknown_playlist_is_not_found(setup: Setup, name: str) -> None:
    with pytest.raises(NotFound):
        await setup.playback.hls(await token(setup), name)


async def test_a_session_token_cannot_be_made_up(setup: Setup) -> None:
    named = await token(setup)
    for bad in (named[:-1] + ("A" if named[-1] != "A" else "B"), "ses_x", "", "é", named + "A"):
        with pytest.raises(SessionEnded):
            await setup.playback.dash(bad)


async def test_steering_drops_a_silent_edge_and_leaves_a_player_where_it_is_well(
    setup: Setup,
) -> None:
    named = await token(setup)
    both = await setup.playback.steer(named, "edge-b", None)
    assert both.pathway_priority == ("edge-b", "edge-a")
    assert both.reload_uri == f"/api/steering/{named}"
    setup.clock.advance(7)
    await setup.report("edge-a")
    after = await setup.playback.steer(named, "edge-b", None)
    assert after.pathway_priority == ("edge-a",)
    setup.clock.advance(7)
    nobody = await setup.playback.steer(named, "edge-b", None)
    assert set(nobody.pathway_priority) == set(EDGES), "better to try than to stop"
    await setup.report("edge-new")
    assert (
        EdgeId("edge-new") not in (await setup.playback.steer(named, None, None)).pathway_priority
    )


async def test_a_stopped_session_is_steered_no_more(setup: Setup) -> None:
    answer = await setup.play()
    named = answer.manifests.dash.split("/")[3]
    await setup.playback.stop(viewer(), answer.session_id)
    with pytest.raises(SessionEnded):
        await setup.playback.steer(named, None, None)
