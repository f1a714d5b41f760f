"""Accounts over HTTP. The refresh token of a browser lives in a cookie that scripts cannot read;
other devices get it in the answer."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from vitascope.engines.http import (
    ProfileNeeded,
    address,
    limit,
    principal,
    refusals,
    require_same_site,
)
from vitascope.identity.contract import (
    DEFAULT_COUNTRY,
    AccountSuspended,
    Device,
    DeviceDraft,
    DeviceKind,
    EmailTaken,
    Identity,
    NoSuchDevice,
    NoSuchProfile,
    PinNeeded,
    Profile,
    ProfileDraft,
    SignedIn,
    SignInThrottled,
    TokenRefused,
    TooManyProfiles,
    WeakPassword,
    WrongCode,
    WrongCredentials,
    WrongPin,
)
from vitascope.identity.cookies import RefreshCookies
from vitascope.kernel.bounds import ID, NAME, TOKEN
from vitascope.kernel.country import Country
from vitascope.kernel.errors import Conflict, Forbidden, Invalid
from vitascope.kernel.ids import DeviceId, ProfileId
from vitascope.kernel.viewer import Principal

AnyRequest = Request[Any, Any, Any]


class SignUpForm(msgspec.Struct, frozen=True, kw_only=True):
    email: Annotated[str, NAME]
    password: Annotated[str, NAME]
    name: Annotated[str, NAME]
    device: DeviceDraft = DeviceDraft()
    locale: Annotated[str, ID] = "en"


class SignInForm(msgspec.Struct, frozen=True, kw_only=True):
    email: Annotated[str, NAME]
    password: Annotated[str, NAME]
    device: DeviceDraft = DeviceDraft()


class CodeForm(msgspec.Struct, frozen=True, kw_only=True):
    code: Annotated[str, ID]
    device: DeviceDraft = DeviceDraft()


class RefreshForm(msgspec.Struct, frozen=True, kw_only=True):
    refresh_token: Annotated[str, TOKEN] | None = None  # a browser sends its cookie instead
    profile_token: Annotated[str, TOKEN] | None = None  # keeps the profile of this tab


class PinForm(msgspec.Struct, frozen=True, kw_only=True):
    pin: Annotated[str, ID] | None = None


def routes(
    identity: Identity,
    *,
    country: Country = DEFAULT_COUNTRY,
    secure_cookies: bool = False,
    refresh_days: int = 60,
) -> Router:
    """Returns the routes of accounts and profiles. `country` is that of new accounts;
    `secure_cookies` when viewers come over HTTPS."""

    cookies = RefreshCookies(days=refresh_days, always_secure=secure_cookies)

    def answer(
        request: AnyRequest, signed_in: SignedIn, status: int, *, by_cookie: bool
    ) -> Response[SignedIn]:
        if not by_cookie:
            return Response(signed_in, status_code=status)
        tokens = msgspec.structs.replace(signed_in.tokens, refresh_token="")
        bare = msgspec.structs.replace(signed_in, tokens=tokens)
        kept = cookies.set(request, signed_in.tokens.refresh_token)
        return Response(bare, status_code=status, cookies=kept)

    def signed_out(request: AnyRequest) -> Response[None]:
        return Response(None, status_code=204, cookies=cookies.set(request, ""))

    async def manager(request: AnyRequest) -> Principal:
        """Returns who may manage the account. Raises `Forbidden`, `ProfileNeeded`."""
        who = principal(request)
        await identity.check_manager(who)
        return who

    @post(
        "/sign-up",
        status_code=201,
        responses=refusals(WeakPassword, Invalid, EmailTaken, SignInThrottled),
    )
    async def sign_up(request: AnyRequest, data: JSONBody[SignUpForm]) -> Response[SignedIn]:
        """Create an account and sign in this device. The first profile is created with it."""
        require_same_site(request)
        limit(request, "sign-up")
        signed_in = await identity.sign_up(
            data.email,
            data.password,
            data.name,
            data.device,
            country=country,
            locale=data.locale,
            address=address(request),
        )
        return answer(request, signed_in, 201, by_cookie=data.device.kind is DeviceKind.WEB)

    @post("/sign-in", status_code=200, responses=refusals(WrongCredentials, SignInThrottled))
    async def sign_in(request: AnyRequest, data: JSONBody[SignInForm]) -> Response[SignedIn]:
        """Sign this device in."""
        require_same_site(request)
        signed_in = await identity.sign_in(data.email, data.password, data.device, address(request))
        return answer(request, signed_in, 200, by_cookie=data.device.kind is DeviceKind.WEB)

    @post(
        "/sign-in-by-code",
        status_code=200,
        responses=refusals(WrongCode, SignInThrottled, AccountSuspended),
    )
    async def sign_in_by_code(request: AnyRequest, data: JSONBody[CodeForm]) -> Response[SignedIn]:
        """Sign this device in by a code that a signed-in device shows."""
        require_same_site(request)
        signed_in = await identity.sign_in_by_code(data.code, data.device, address(request))
        return answer(request, signed_in, 200, by_cookie=data.device.kind is DeviceKind.WEB)

    @post("/refresh", status_code=200, responses=refusals(TokenRefused))
    async def refresh(
        request: AnyRequest, data: JSONBody[RefreshForm | None] = None
    ) -> Response[SignedIn]:
        """Exchange a refresh token for new tokens. The old one can't be used again."""
        said = data.refresh_token if data else None
        if not said:
            require_same_site(request)
        token = said or cookies.given(request)
        if not token:
            raise TokenRefused("The refresh token is missing. Sign in.")
        profile_token = data.profile_token if data else None
        signed_in = await identity.refresh(token, profile_token)
        return answer(request, signed_in, 200, by_cookie=not said)

    @post("/sign-out", status_code=204)
    async def sign_out(request: AnyRequest) -> Response[None]:
        """Sign this device out."""
        require_same_site(request)
        await identity.sign_out(principal(request))
        return signed_out(request)

    @post("/sign-out-everywhere", status_code=204, responses=refusals(Forbidden, ProfileNeeded))
    async def sign_out_everywhere(request: AnyRequest) -> Response[None]:
        """Sign out all devices of the account, including this one."""
        require_same_site(request)
        await identity.sign_out_everywhere((await manager(request)).account_id)
        return signed_out(request)

    @get("/profiles")
    async def profiles(request: AnyRequest) -> list[Profile]:
        """List the account's profiles, oldest first."""
        return await identity.profiles(principal(request).account_id)

    @post(
        "/profiles",
        status_code=201,
        responses=refusals(Invalid, ProfileNeeded, Forbidden, TooManyProfiles),
    )
    async def add_profile(request: AnyRequest, data: JSONBody[ProfileDraft]) -> Profile:
        """Add a profile. An account can have up to five."""
        who = await manager(request)
        return await identity.add_profile(who.account_id, data)

    @patch(
        "/profiles/{profile_id:str}",
        responses=refusals(
            Invalid,
            Forbidden,
            ProfileNeeded,
            PinNeeded,
            WrongPin,
            NoSuchProfile,
            SignInThrottled,
        ),
    )
    async def change_profile(
        request: AnyRequest, profile_id: FromPath[ProfileId], data: JSONBody[ProfileDraft]
    ) -> Profile:
        """Change the given fields of a profile."""
        return await identity.change_profile(principal(request), profile_id, data)

    @delete(
        "/profiles/{profile_id:str}",
        responses=refusals(Forbidden, ProfileNeeded, NoSuchProfile, Conflict),
    )
    async def remove_profile(request: AnyRequest, profile_id: FromPath[ProfileId]) -> None:
        """Delete a profile with its list and history."""
        await identity.remove_profile(principal(request), profile_id)

    @post(
        "/profiles/{profile_id:str}/choose",
        status_code=200,
        responses=refusals(PinNeeded, WrongPin, NoSuchProfile, SignInThrottled),
    )
    async def choose_profile(
        request: AnyRequest, profile_id: FromPath[ProfileId], data: JSONBody[PinForm | None] = None
    ) -> Response[SignedIn]:
        """Switch to a profile. Returns an access token for it; the refresh token stays the same."""
        pin = data.pin if data else None
        chosen = await identity.choose_profile(principal(request), profile_id, pin)
        return Response(chosen)

    @get("/devices")
    async def devices(request: AnyRequest) -> list[Device]:
        """List the signed-in devices, most recently used first. A restricted profile is told of
        its own device alone."""
        who = principal(request)
        signed_in = await identity.devices(who.account_id)
        try:
            await identity.check_manager(who)
        except Forbidden:
            return [device for device in signed_in if device.id == who.device_id]
        return signed_in

    @delete("/devices/{device_id:str}", responses=refusals(Forbidden, ProfileNeeded, NoSuchDevice))
    async def revoke_device(request: AnyRequest, device_id: FromPath[DeviceId]) -> None:
        """Sign out a device."""
        who = await manager(request)
        await identity.revoke_device(who.account_id, device_id)

    handlers = [
        sign_up,
        sign_in,
        sign_in_by_code,
        refresh,
        sign_out,
        sign_out_everywhere,
        profiles,
        add_profile,
        change_profile,
        remove_profile,
        choose_profile,
        devices,
        revoke_device,
    ]
    return Router("/api", route_handlers=handlers, tags=["Account"])
