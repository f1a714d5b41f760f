"""P3: a cap is a withheld key, at each height at which a plan ends."""

import msgspec
import pytest

from tests.playback.setup import ASSET, Setup, viewer
from vitascope.billing.plans import plans_in
from vitascope.kernel.media import KeyLabel
from vitascope.licensing import ClearKeyRequest, KeyWithheld
from vitascope.licensing.tokens import to_base64url
from vitascope.playback import Capabilities

PLANS = plans_in("EUR")
HARDWARE = Capabilities(secure_decoder=True, max_height=2160)


async def pack_anew(setup: Setup) -> None:
    """The film, with a key for each class of its rungs, as packages are made now."""
    asset = setup.catalog.asset
    labels = tuple(dict.fromkeys([KeyLabel.AUDIO, *(rung.key_label for rung in asset.ladder)]))
    keys = await setup.licensing.keys_for(ASSET, labels)
    key_ids = {key.label: key.key_id for key in keys}
    setup.catalog.asset = msgspec.structs.replace(asset, key_ids=key_ids)


async def given(setup: Setup, token: str) -> set[KeyLabel]:
    """The classes of keys that a player gets that asks for all the title's."""
    ids = setup.catalog.asset.key_ids
    names = {to_base64url(bytes.fromhex(key_id)): label for label, key_id in ids.items()}
    answer = await setup.licensing.clear_key(token, ClearKeyRequest(kids=tuple(names)))
    return {names[item.kid] for item in answer.keys}


@pytest.mark.parametrize("plan_id", PLANS)
async def test_no_plan_is_given_a_key_of_a_picture_above_its_cap(
    setup: Setup, plan_id: str
) -> None:
    await pack_anew(setup)
    plan = setup.billing.plan = PLANS[plan_id]
    answer = await setup.play(capabilities=HARDWARE)
    ladder, ids = setup.catalog.asset.ladder, setup.catalog.asset.key_ids
    labels = await given(setup, answer.licence.token)
    within = {rung.key_label_in(ids) for rung in ladder if rung.height <= plan.max_height}
    assert labels == {KeyLabel.AUDIO, *within}
    above = {rung.key_label_in(ids) for rung in ladder if rung.height > plan.max_height}
    assert labels.isdisjoint(above)
    for label in above:
        with pytest.raises(KeyWithheld):
            await setup.licensing.raw_key(answer.licence.token, ids[label])


@pytest.mark.parametrize("plan_id", PLANS)
async def test_each_plan_plays_to_its_cap_from_packages_old_and_new(
    setup: Setup, plan_id: str
) -> None:
    """Those made before had one key for all from 577 to 1080 lines."""
    plan = setup.billing.plan = PLANS[plan_id]
    wanted = [r.name for r in setup.catalog.asset.ladder if r.height <= plan.max_height]
    old = await setup.play(capabilities=HARDWARE)
    assert [rung.name for rung in old.rungs] == wanted
    assert KeyLabel.HD in await given(setup, old.licence.token)
    await setup.playback.stop(viewer(), old.session_id)
    await pack_anew(setup)
    new = await setup.play(capabilities=HARDWARE)
    assert [rung.name for rung in new.rungs] == wanted


def test_a_plan_ends_where_a_class_of_keys_ends() -> None:
    for plan in PLANS.values():
        opened = {KeyLabel.of_height(lines) for lines in range(1, plan.max_height + 1)}
        assert opened | {KeyLabel.AUDIO} == set(plan.key_labels)
        assert KeyLabel.of_height(plan.max_height + 1) not in plan.key_labels or (
            KeyLabel.of_height(plan.max_height) is KeyLabel.UHD
        )
