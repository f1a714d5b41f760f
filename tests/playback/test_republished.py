"""I7, I9: who is watching goes on with the version and the keys that they began with."""

import msgspec

from tests.playback.setup import Setup, viewer
from tests.playback.test_heartbeat import beat
from vitascope.kernel.ids import AssetId, KeyId
from vitascope.kernel.media import KeyLabel
from vitascope.licensing import ClearKeyRequest
from vitascope.licensing.tokens import to_base64url

LABELS = (KeyLabel.AUDIO, KeyLabel.SD, KeyLabel.HD)


async def republish_under_new_keys(setup: Setup) -> dict[KeyLabel, KeyId]:
    """As publishing does it: keys of another asset, another scheme, another version."""
    new = AssetId("ast_new")
    key_ids = {key.label: key.key_id for key in await setup.licensing.keys_for(new, LABELS)}
    asset = setup.catalog.asset
    for name in asset.files:
        packaged = await setup.blobs.get(f"{asset.prefix}/{name}")
        await setup.blobs.put(f"assets/{new}/v2/{name}", packaged)
    setup.catalog.asset = msgspec.structs.replace(
        asset,
        id=new,
        version="v2",
        prefix=f"assets/{new}/v2",
        key_ids=key_ids,
        scheme="cenc",
    )
    return key_ids


async def keys_given(setup: Setup, token: str, key_ids: dict[KeyLabel, KeyId]) -> int:
    kids = tuple(to_base64url(bytes.fromhex(key_id)) for key_id in key_ids.values())
    return len((await setup.licensing.clear_key(token, ClearKeyRequest(kids=kids))).keys)


async def test_new_keys_interrupt_nobody_who_is_watching(setup: Setup) -> None:
    before = setup.catalog.asset.key_ids
    started = await setup.play()
    token = started.manifests.dash.split("/")[3]
    manifest = await setup.playback.dash(token)
    after = await republish_under_new_keys(setup)
    setup.clock.advance(30)
    renewed = await setup.playback.beat(viewer(), beat(started))
    assert renewed.licence_token is not None
    assert await keys_given(setup, renewed.licence_token, before) == 3
    now = await setup.playback.dash(token)
    assert "ast_film/v1" in now
    assert "ast_new" not in now
    assert now.count("<Representation") == manifest.count("<Representation")
    later = await setup.play(viewer(device="dev_2"))
    assert (later.asset_id, later.version) == ("ast_new", "v2")
    assert await keys_given(setup, later.licence.token, after) == 3
