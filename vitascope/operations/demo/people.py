"""The demo's three accounts, and the four who share the viewer's."""

import asyncio
from pathlib import Path

import msgspec

from vitascope.billing import Billing
from vitascope.identity import DeviceDraft, DeviceKind, EmailTaken, Identity, Profile, ProfileDraft
from vitascope.kernel.country import Country
from vitascope.kernel.ids import AccountId, DeviceId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.viewer import Principal, Role
from vitascope.operations.demo.sign_ins import SignIn, SignIns

_NAMES = {Role.PARTNER: "Lantern Films", Role.VIEWER: "Ada", Role.OPERATOR: "Operator"}
_PROFILES = (
    ProfileDraft(name="Ada", avatar="comet", locale="en", maturity=Maturity.EIGHTEEN),
    ProfileDraft(name="Camille", avatar="reel", locale="fr", maturity=Maturity.EIGHTEEN),
    ProfileDraft(name="Jules", avatar="kite", locale="fr", maturity=Maturity.THIRTEEN),
    ProfileDraft(name="Mimi", avatar="fern", locale="en", maturity=Maturity.SEVEN, kids=True),
)


class DemoPeople(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the demo brought. Kept in a file, so that a later start knows them without asking for
    passwords that may have been changed since."""

    partner_id: AccountId
    viewer_id: AccountId
    operator_id: AccountId


async def bring_people(
    identity: Identity, billing: Billing, folder: Path, by: SignIns
) -> DemoPeople:
    """Returns the accounts, made on the first start. Raises `WrongCredentials` when somebody else
    has one of the demo's addresses."""
    known = folder / "people.json"
    if await asyncio.to_thread(known.exists):
        return msgspec.json.decode(await asyncio.to_thread(known.read_bytes), type=DemoPeople)
    partner = await _account(identity, by.partner, Role.PARTNER)
    operator = await _account(identity, by.operator, Role.OPERATOR)
    viewer = await _account(identity, by.viewer, Role.VIEWER)
    await _profiles(identity, viewer)
    for account_id in (viewer.account_id, operator.account_id):  # an operator's probe watches too
        best = max(await billing.plans(), key=lambda plan: plan.price.minor)
        await billing.subscribe(account_id, best.id)
    people = DemoPeople(
        partner_id=partner.account_id,
        viewer_id=viewer.account_id,
        operator_id=operator.account_id,
    )
    await asyncio.to_thread(known.write_bytes, msgspec.json.encode(people))
    return people


async def _account(identity: Identity, by: SignIn, role: Role) -> Principal:
    email, password = by.email, by.password
    device = DeviceDraft(name="First start", kind=DeviceKind.PROBE)
    try:
        made = await identity.sign_up(
            email, password, _NAMES[role], device, role=role, country=Country("FR"), locale="en"
        )
    except EmailTaken:  # a start that was cut short
        made = await identity.sign_in(email, password, device, "127.0.0.1")
    return Principal(
        account_id=made.account.id, device_id=DeviceId(made.device.id), role=made.account.role
    )


async def _profiles(identity: Identity, viewer: Principal) -> list[Profile]:
    """The first profile came with the account; the others are added where they are missing."""
    there = {profile.name: profile for profile in await identity.profiles(viewer.account_id)}
    first, *others = _PROFILES
    own = there.get("Ada") or next(iter(there.values()))
    await identity.change_profile(viewer, own.id, first)
    for draft in others:
        if draft.name not in there:
            await identity.add_profile(viewer.account_id, draft)
    return await identity.profiles(viewer.account_id)
