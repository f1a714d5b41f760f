"""U1, U2: accounts, devices, profiles and tokens, on every database, here and apart."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.identity.conftest import ADDRESS, PASSWORD
from vitascope.identity import (
    DeviceDraft,
    DeviceKind,
    EmailTaken,
    Identity,
    NoSuchDevice,
    NoSuchProfile,
    PinNeeded,
    ProfileDraft,
    SignedIn,
    SignInThrottled,
    TokenRefused,
    TooManyProfiles,
    WrongCredentials,
    WrongPin,
)
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.country import Country
from vitascope.kernel.errors import Conflict, Forbidden
from vitascope.kernel.ids import DeviceId, ProfileId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.viewer import Principal, Role

SignUp = Callable[[Identity], Awaitable[SignedIn]]
TV = DeviceDraft(name="Living room", kind=DeviceKind.TELEVISION)


async def principal_of(identity: Identity, signed_in: SignedIn) -> Principal:
    return await identity.read_token(signed_in.tokens.access_token)


# -- coming in


async def test_signing_up_makes_an_account_with_a_first_profile(
    identity: Identity, ada: SignUp
) -> None:
    signed_in = await ada(identity)
    assert signed_in.account.email == "ada@example.org"
    assert signed_in.account.role is Role.VIEWER
    assert signed_in.profile is None
    who = await principal_of(identity, signed_in)
    assert (who.account_id, who.device_id) == (signed_in.account.id, signed_in.device.id)
    assert who.viewer is None
    (profile,) = await identity.profiles(who.account_id)
    assert (profile.name, profile.locale, profile.maturity) == ("Ada", "fr", Maturity.EIGHTEEN)
    assert await identity.account(who.account_id) == signed_in.account


async def test_an_email_is_taken_in_whatever_case(identity: Identity, ada: SignUp) -> None:
    await ada(identity)
    with pytest.raises(EmailTaken):
        await identity.sign_up(" ADA@Example.org ", PASSWORD, "Other", DeviceDraft())
    again = await identity.sign_in("Ada@example.ORG", PASSWORD, DeviceDraft(), ADDRESS)
    assert again.account.name == "Ada"


async def test_of_two_that_sign_up_with_one_email_one_gets_it(identity: Identity) -> None:
    tries = [identity.sign_up("b@example.org", PASSWORD, n, DeviceDraft()) for n in "xyz"]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(r, SignedIn) for r in results) == 1
    assert sum(isinstance(r, EmailTaken) for r in results) == 2


async def test_a_wrong_password_and_an_unknown_email_get_the_same_answer(
    identity: Identity, ada: SignUp
) -> None:
    await ada(identity)
    with pytest.raises(WrongCredentials) as wrong:
        await identity.sign_in("ada@example.org", "not the password", TV, ADDRESS)
    with pytest.raises(WrongCredentials) as unknown:
        await identity.sign_in("nobody@example.org", PASSWORD, TV, ADDRESS)
    assert wrong.value.detail == unknown.value.detail
    assert wrong.value.extra == unknown.value.extra


async def test_a_device_that_was_here_before_stays_one_device(
    identity: Identity, ada: SignUp
) -> None:
    first = await ada(identity)
    back = DeviceDraft(name="Chromium on Linux", id=first.device.id)
    again = await identity.sign_in("ada@example.org", PASSWORD, back, ADDRESS)
    assert again.device.id == first.device.id
    assert len(await identity.devices(first.account.id)) == 1
    with pytest.raises(TokenRefused):  # its old chain ended
        await identity.refresh(first.tokens.refresh_token)


async def test_another_accounts_device_id_is_not_taken_over(
    identity: Identity, ada: SignUp
) -> None:
    first = await ada(identity)
    thief = await identity.sign_up(
        "mallory@example.org", PASSWORD, "Mallory", DeviceDraft(id=first.device.id)
    )
    assert thief.device.id != first.device.id
    await identity.refresh(first.tokens.refresh_token)


# -- refreshing


async def test_refreshing_gives_new_tokens_and_keeps_the_profile(
    identity: Identity, ada: SignUp, clock: HeldClock
) -> None:
    signed_in = await ada(identity)
    who = await principal_of(identity, signed_in)
    (profile,) = await identity.profiles(who.account_id)
    chosen = await identity.choose_profile(who, profile.id, None)
    assert chosen.tokens.refresh_token == ""
    viewer = (await principal_of(identity, chosen)).viewer
    assert viewer is not None
    assert (viewer.profile_id, viewer.country, viewer.locale) == (profile.id, Country("FR"), "fr")
    clock.advance(3600)
    fresh = await identity.refresh(signed_in.tokens.refresh_token)
    assert fresh.profile == profile
    assert (await principal_of(identity, fresh)).viewer == viewer
    assert fresh.tokens.refresh_token != signed_in.tokens.refresh_token
    clock.advance(3600)
    await identity.refresh(fresh.tokens.refresh_token)


async def test_each_tab_of_a_device_keeps_its_profile(identity: Identity, ada: SignUp) -> None:
    signed_in = await ada(identity)
    who = await principal_of(identity, signed_in)
    (first,) = await identity.profiles(who.account_id)
    second = await identity.add_profile(who.account_id, ProfileDraft(name="Jules"))
    here = await identity.choose_profile(who, first.id, None)
    await identity.choose_profile(who, second.id, None)
    tokens = here.tokens
    fresh = await identity.refresh(signed_in.tokens.refresh_token, tokens.profile_token)
    assert (fresh.profile, fresh.tokens.profile_token) == (first, tokens.profile_token)
    for forged in ("", "vpt_", tokens.profile_token[:-1], f"vpt_{first.id}.é"):
        fresh = await identity.refresh(fresh.tokens.refresh_token, forged)
        assert fresh.profile == second, "the one chosen last on the device"
    other = await identity.sign_up("eve@example.org", PASSWORD, "Eve", DeviceDraft())
    theirs = await identity.refresh(other.tokens.refresh_token, tokens.profile_token)
    assert theirs.profile is None


async def test_a_lost_answer_is_given_again(
    identity: Identity, ada: SignUp, clock: HeldClock
) -> None:
    """A client whose answer was lost, or two tabs at once, must not be signed out."""
    signed_in = await ada(identity)
    first = await identity.refresh(signed_in.tokens.refresh_token)
    clock.advance(15)
    again = await identity.refresh(signed_in.tokens.refresh_token)
    assert again.tokens.refresh_token == first.tokens.refresh_token
    await identity.refresh(again.tokens.refresh_token)


async def test_tabs_that_refresh_at_once_get_the_same_next_token(
    identity: Identity, ada: SignUp
) -> None:
    token = (await ada(identity)).tokens.refresh_token
    answers = await asyncio.gather(*[identity.refresh(token) for _ in range(8)])
    assert len({a.tokens.refresh_token for a in answers}) == 1
    await identity.refresh(answers[0].tokens.refresh_token)


async def test_a_token_used_twice_signs_the_device_out(
    identity: Identity, ada: SignUp, clock: HeldClock
) -> None:
    signed_in = await ada(identity)
    other = await identity.sign_in("ada@example.org", PASSWORD, TV, ADDRESS)
    stolen = signed_in.tokens.refresh_token
    fresh = await identity.refresh(stolen)
    clock.advance(21)
    with pytest.raises(TokenRefused):
        await identity.refresh(stolen)
    with pytest.raises(TokenRefused):  # whoever has the newest one is out as well
        await identity.refresh(fresh.tokens.refresh_token)
    assert [d.id for d in await identity.devices(signed_in.account.id)] == [other.device.id]
    await identity.refresh(other.tokens.refresh_token)


async def test_a_token_whose_successor_was_used_is_stolen_even_within_the_grace(
    identity: Identity, ada: SignUp
) -> None:
    stolen = (await ada(identity)).tokens.refresh_token
    fresh = await identity.refresh(stolen)
    fresher = await identity.refresh(fresh.tokens.refresh_token)
    with pytest.raises(TokenRefused):
        await identity.refresh(stolen)
    with pytest.raises(TokenRefused):
        await identity.refresh(fresher.tokens.refresh_token)


async def test_a_device_that_was_silent_too_long_must_sign_in_again(
    identity: Identity, ada: SignUp, clock: HeldClock
) -> None:
    signed_in = await ada(identity)
    clock.advance(61 * 86_400)
    with pytest.raises(TokenRefused):
        await identity.refresh(signed_in.tokens.refresh_token)


@pytest.mark.parametrize("token", ["", "vrt_", "vrt_" + "A" * 43, "x" * 5000])
async def test_a_token_that_was_never_given_is_refused(identity: Identity, token: str) -> None:
    with pytest.raises(TokenRefused):
        await identity.refresh(token)


# -- going out


async def test_signing_out_ends_this_device_and_no_other(identity: Identity, ada: SignUp) -> None:
    signed_in = await ada(identity)
    other = await identity.sign_in("ada@example.org", PASSWORD, TV, ADDRESS)
    await identity.sign_out(await principal_of(identity, signed_in))
    with pytest.raises(TokenRefused):
        await identity.refresh(signed_in.tokens.refresh_token)
    await identity.refresh(other.tokens.refresh_token)
    assert [d.name for d in await identity.devices(other.account.id)] == ["Living room"]


async def test_signing_out_everywhere(identity: Identity, ada: SignUp) -> None:
    signed_in = await ada(identity)
    other = await identity.sign_in("ada@example.org", PASSWORD, TV, ADDRESS)
    await identity.sign_out_everywhere(signed_in.account.id)
    for device in (signed_in, other):
        with pytest.raises(TokenRefused):
            await identity.refresh(device.tokens.refresh_token)
    assert await identity.devices(signed_in.account.id) == []


async def test_a_device_is_revoked_by_its_account_only(identity: Identity, ada: SignUp) -> None:
    signed_in = await ada(identity)
    mallory = await identity.sign_up("m@example.org", PASSWORD, "Mallory", TV)
    for own in (signed_in, mallory):
        assert await identity.devices(own.account.id) == [own.device]
    with pytest.raises(NoSuchDevice):
        await identity.revoke_device(mallory.account.id, signed_in.device.id)
    who = await principal_of(identity, signed_in)
    await identity.revoke_device(signed_in.account.id, signed_in.device.id)
    with pytest.raises(TokenRefused):
        await identity.refresh(signed_in.tokens.refresh_token)
    with pytest.raises(NoSuchDevice):
        await identity.revoke_device(signed_in.account.id, signed_in.device.id)
    with pytest.raises(NoSuchDevice):
        await identity.revoke_device(signed_in.account.id, DeviceId("dev_unknown"))
    (profile,) = await identity.profiles(signed_in.account.id)
    with pytest.raises(TokenRefused):
        await identity.choose_profile(who, profile.id, None)


# -- profiles


async def test_an_account_has_at_most_five_profiles_also_under_a_race(
    identity: Identity, ada: SignUp
) -> None:
    account_id = (await ada(identity)).account.id
    tries = [identity.add_profile(account_id, ProfileDraft(name=f"P{n}")) for n in range(8)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(r, TooManyProfiles) for r in results) == 4
    assert len(await identity.profiles(account_id)) == 5


async def test_a_kids_profile_never_has_more_than_its_ceiling(
    identity: Identity, ada: SignUp
) -> None:
    signed_in = await ada(identity)
    draft = ProfileDraft(name="Zoe", kids=True, maturity=Maturity.EIGHTEEN)
    zoe = await identity.add_profile(signed_in.account.id, draft)
    assert zoe.maturity is Maturity.SEVEN
    who = await principal_of(identity, signed_in)
    with pytest.raises(Forbidden):  # it may be Zoe who asks
        await identity.change_profile(who, zoe.id, ProfileDraft(maturity=Maturity.SIXTEEN))
    parent = (await identity.profiles(who.account_id))[0]
    who = await principal_of(identity, await identity.choose_profile(who, parent.id, None))
    zoe = await identity.change_profile(who, zoe.id, ProfileDraft(maturity=Maturity.SIXTEEN))
    assert zoe.maturity is Maturity.SEVEN
    viewer = (await principal_of(identity, await identity.choose_profile(who, zoe.id, None))).viewer
    assert viewer is not None
    assert viewer.kids
    assert viewer.maturity is Maturity.SEVEN


@pytest.mark.parametrize("limits", [{"kids": True}, {"maturity": Maturity.THIRTEEN}])
async def test_a_profile_with_limits_may_not_lift_them(
    identity: Identity, ada: SignUp, limits: dict[str, Any]
) -> None:
    signed_in = await ada(identity)
    (parent,) = await identity.profiles(signed_in.account.id)
    draft = ProfileDraft(name="Zoe", **limits)
    zoe = await identity.add_profile(signed_in.account.id, draft)
    who = await principal_of(identity, signed_in)
    child = await principal_of(identity, await identity.choose_profile(who, zoe.id, None))
    for lifting in (
        ProfileDraft(kids=False),
        ProfileDraft(maturity=Maturity.EIGHTEEN),
        ProfileDraft(pin="1234"),
    ):
        with pytest.raises(Forbidden):
            await identity.change_profile(child, zoe.id, lifting)
    with pytest.raises(Forbidden):
        await identity.change_profile(child, parent.id, ProfileDraft(name="Zoe too"))
    with pytest.raises(Forbidden):
        await identity.remove_profile(child, parent.id)
    renamed = await identity.change_profile(child, zoe.id, ProfileDraft(name="Zoé", avatar="fern"))
    assert (renamed.name, renamed.avatar) == ("Zoé", "fern")


async def test_a_pin_keeps_others_out(identity: Identity, ada: SignUp) -> None:
    signed_in = await ada(identity)
    who = await principal_of(identity, signed_in)
    (profile,) = await identity.profiles(who.account_id)
    locked = await identity.change_profile(who, profile.id, ProfileDraft(pin="4711"))
    assert locked.has_pin
    with pytest.raises(PinNeeded):
        await identity.choose_profile(who, profile.id, None)
    with pytest.raises(WrongPin):
        await identity.choose_profile(who, profile.id, "0000")
    assert (await identity.choose_profile(who, profile.id, "4711")).profile == locked
    renamed = await identity.change_profile(who, profile.id, ProfileDraft(name="Ada L"))
    assert renamed.has_pin  # what is not said stays
    for draft in (
        ProfileDraft(pin=""),
        ProfileDraft(pin="1234"),
        ProfileDraft(pin="", current_pin="0000"),
        ProfileDraft(pin="", password="not this one"),
    ):
        with pytest.raises((PinNeeded, WrongPin)):
            await identity.change_profile(who, profile.id, draft)
    other = ProfileDraft(pin="1234", current_pin="4711")
    assert (await identity.change_profile(who, profile.id, other)).has_pin
    opened = await identity.change_profile(who, profile.id, ProfileDraft(pin="", password=PASSWORD))
    assert not opened.has_pin
    await identity.choose_profile(who, profile.id, None)


async def test_profiles_are_removed_but_for_the_last(identity: Identity, ada: SignUp) -> None:
    signed_in = await ada(identity)
    who = await principal_of(identity, signed_in)
    (first,) = await identity.profiles(who.account_id)
    with pytest.raises(Conflict):
        await identity.remove_profile(who, first.id)
    second = await identity.add_profile(who.account_id, ProfileDraft(name="Bo"))
    await identity.choose_profile(who, second.id, None)
    await identity.remove_profile(who, second.id)
    assert await identity.profiles(who.account_id) == [first]
    assert (await identity.refresh(signed_in.tokens.refresh_token)).profile is None
    with pytest.raises(NoSuchProfile):
        await identity.remove_profile(who, second.id)


async def test_another_accounts_profile_does_not_exist(identity: Identity, ada: SignUp) -> None:
    signed_in = await ada(identity)
    (theirs,) = await identity.profiles(signed_in.account.id)
    mallory = await identity.sign_up("m@example.org", PASSWORD, "Mallory", DeviceDraft())
    who = await principal_of(identity, mallory)
    assert await identity.profiles(signed_in.account.id) == [theirs]
    for profile_id in (theirs.id, ProfileId("pro_unknown")):
        with pytest.raises(NoSuchProfile):
            await identity.choose_profile(who, profile_id, None)
        with pytest.raises(NoSuchProfile):
            await identity.change_profile(who, profile_id, ProfileDraft(name="Mine"))
        with pytest.raises(NoSuchProfile):
            await identity.remove_profile(who, profile_id)


# -- guessing


async def test_guessing_a_password_must_wait(
    identity: Identity, ada: SignUp, clock: HeldClock
) -> None:
    await ada(identity)
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            await identity.sign_in("ada@example.org", "wrong guess", TV, ADDRESS)
    with pytest.raises(SignInThrottled) as throttled:
        await identity.sign_in("ada@example.org", PASSWORD, TV, ADDRESS)
    assert throttled.value.extra["retry_after_s"] >= 1
    await identity.sign_in("ada@example.org", PASSWORD, TV, "198.51.100.1")  # Ada, at home
    clock.advance(throttled.value.extra["retry_after_s"])
    await identity.sign_in("ada@example.org", PASSWORD, TV, ADDRESS)


async def test_guesses_in_parallel_count_like_guesses_in_a_row(
    identity: Identity, ada: SignUp
) -> None:
    await ada(identity)
    tries = [identity.sign_in("ada@example.org", f"guess {n}", TV, ADDRESS) for n in range(20)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(r, WrongCredentials) for r in results) == 5
    assert sum(isinstance(r, SignInThrottled) for r in results) == 15


async def test_guessing_a_pin_must_wait(identity: Identity, ada: SignUp, clock: HeldClock) -> None:
    who = await principal_of(identity, await ada(identity))
    (profile,) = await identity.profiles(who.account_id)
    await identity.change_profile(who, profile.id, ProfileDraft(pin="4711"))
    for _ in range(5):
        with pytest.raises(WrongPin):
            await identity.choose_profile(who, profile.id, "0000")
    with pytest.raises(SignInThrottled):
        await identity.choose_profile(who, profile.id, "4711")
    clock.advance(900)
    await identity.choose_profile(who, profile.id, "4711")
