"""G2, P4: licensing answers the same in this process and over the wire."""

from collections.abc import AsyncIterator

import pytest

import vitascope.licensing
from tests.conftest import OpenRows
from tests.contracts.here_and_apart import PLACES, placed
from tests.licensing.test_rows_licensing import ALL, FILM, HeldSecrets, asking, policy
from vitascope.engines.wire import errors_of
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import KeyId
from vitascope.kernel.media import KeyLabel
from vitascope.licensing import KeyWithheld, LicenceTokenRefused, Licensing, NoSuchKey
from vitascope.licensing.rows_licensing import RowsLicensing
from vitascope.licensing.settings import LicensingSettings


@pytest.fixture(params=PLACES)
async def licensing(
    request: pytest.FixtureRequest, open_sqlite: OpenRows, clock: HeldClock
) -> AsyncIterator[Licensing]:
    real = RowsLicensing(
        rows=await open_sqlite("licensing"),
        secrets=HeldSecrets(),
        clock=clock,
        settings=LicensingSettings(),
    )
    errors = errors_of(vitascope.licensing)
    async with placed(request.param, Licensing, real, errors) as door:
        yield door


async def test_a_film_is_packaged_and_played(licensing: Licensing, clock: HeldClock) -> None:
    keys = await licensing.keys_for(FILM, ALL)
    assert await licensing.keys_for(FILM, ALL) == keys
    assert await licensing.key_ids(FILM) == {key.label: key.key_id for key in keys}
    token = await licensing.token(policy(clock, KeyLabel.SD))
    answer = await licensing.clear_key(token, asking(keys[1].key_id, keys[2].key_id))
    assert len(answer.keys) == 1
    assert await licensing.raw_key(token, keys[1].key_id) == keys[1].key


async def test_refusals_arrive_as_what_they_are(licensing: Licensing, clock: HeldClock) -> None:
    keys = await licensing.keys_for(FILM, ALL)
    token = await licensing.token(policy(clock, KeyLabel.SD))
    with pytest.raises(LicenceTokenRefused):
        await licensing.clear_key("x", asking(keys[0].key_id))
    with pytest.raises(KeyWithheld):
        await licensing.clear_key(token, asking(keys[0].key_id))
    with pytest.raises(NoSuchKey):
        await licensing.raw_key(token, KeyId("00" * 16))
