"""Changing the password and the email, and setting a forgotten password, over HTTP."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Router, post, put
from litestar.params import JSONBody

from vitascope.engines.http import address, principal, refusals
from vitascope.identity.contract import (
    Account,
    EmailTaken,
    Identity,
    SignInThrottled,
    WeakPassword,
    WrongCode,
    WrongPassword,
)
from vitascope.identity.profiles import has_limits
from vitascope.kernel.bounds import ID, NAME
from vitascope.kernel.errors import Forbidden, Invalid
from vitascope.kernel.viewer import Principal

AnyRequest = Request[Any, Any, Any]


class PasswordChange(msgspec.Struct, frozen=True, kw_only=True):
    password: Annotated[str, NAME]  # the present one
    new_password: Annotated[str, NAME]


class EmailChange(msgspec.Struct, frozen=True, kw_only=True):
    password: Annotated[str, NAME]
    email: Annotated[str, NAME]


class ForgottenPassword(msgspec.Struct, frozen=True, kw_only=True):
    email: Annotated[str, NAME]


class CodeComesBy(msgspec.Struct, frozen=True, kw_only=True):
    """How the code comes: by mail, if the account is there, or from an operator."""

    by: Literal["mail", "operator"]


class NewPassword(msgspec.Struct, frozen=True, kw_only=True):
    email: Annotated[str, NAME]
    code: Annotated[str, ID]
    new_password: Annotated[str, NAME]


def routes(identity: Identity, *, mails: bool) -> Router:
    """Returns the routes. `mails` when a mail server is set."""

    @put(
        "/account/password",
        operation_id="ChangePassword",
        summary="Change the password, and sign out all other devices",
        status_code=204,
        responses=refusals(Forbidden, WrongPassword, SignInThrottled, WeakPassword),
    )
    async def password(request: AnyRequest, data: JSONBody[PasswordChange]) -> None:
        await identity.change_password(_owner(request), data.password, data.new_password)

    @put(
        "/account/email",
        operation_id="ChangeEmail",
        summary="Change the email, and sign out all other devices",
        responses=refusals(Forbidden, WrongPassword, SignInThrottled, EmailTaken, Invalid),
    )
    async def email(request: AnyRequest, data: JSONBody[EmailChange]) -> Account:
        return await identity.change_email(_owner(request), data.password, data.email)

    @post(
        "/password-reset",
        operation_id="ForgotPassword",
        summary="Ask for a code for a new password; the answer is the same for any email",
        status_code=202,
        responses=refusals(SignInThrottled),
    )
    async def forgot(request: AnyRequest, data: JSONBody[ForgottenPassword]) -> CodeComesBy:
        await identity.forgot_password(data.email, address(request))
        return CodeComesBy(by="mail" if mails else "operator")

    @post(
        "/password-reset/confirm",
        operation_id="ResetPassword",
        summary="Set a new password by a code, and sign out all devices",
        status_code=204,
        responses=refusals(WrongCode, SignInThrottled, WeakPassword),
    )
    async def reset(request: AnyRequest, data: JSONBody[NewPassword]) -> None:
        await identity.reset_password(data.email, data.code, data.new_password, address(request))

    return Router("/api", route_handlers=[password, email, forgot, reset], tags=["Account"])


def _owner(request: AnyRequest) -> Principal:
    """Raises `Forbidden` from a profile with limits."""
    who = principal(request)
    if has_limits(who):
        raise Forbidden("A restricted profile can't change the account.")
    return who
