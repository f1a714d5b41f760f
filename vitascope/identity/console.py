"""Accounts over HTTP, for operators."""

from typing import Annotated, Any

from litestar import Request, Router, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from vitascope.engines.http import PageToken, RoleNeeded, SomeText, refusals, require
from vitascope.identity.contract import (
    Account,
    AccountChange,
    AccountFilter,
    AccountPage,
    Identity,
    ResetCode,
)
from vitascope.kernel.errors import Conflict, Invalid, NotFound
from vitascope.kernel.ids import AccountId
from vitascope.kernel.pages import BadPageToken
from vitascope.kernel.viewer import Role

AnyRequest = Request[Any, Any, Any]


class OwnAccount(Conflict):
    """An operator who suspends or demotes himself could not take it back."""

    code = "own-account"


def routes(identity: Identity) -> Router:
    @get(
        "/",
        operation_id="Accounts",
        summary="Accounts, newest first, in pages",
        responses=refusals(RoleNeeded, Invalid, BadPageToken),
    )
    async def accounts(
        request: AnyRequest,
        text: SomeText = "",
        of_role: Annotated[Role | None, QueryParameter(name="role")] = None,
        suspended: FromQuery[bool | None] = None,
        page_token: PageToken = None,
        limit: FromQuery[int] = 50,
    ) -> AccountPage:
        """Returns a page. `text` is in an email or a name, or is an id. `limit` is at most 100."""
        require(request, Role.OPERATOR)
        wanted = AccountFilter(text=text.strip(), role=of_role, suspended=suspended)
        return await identity.accounts(wanted, page_token=page_token, limit=limit)

    @patch(
        "/{account_id:str}",
        operation_id="ChangeAccount",
        summary="Change an account's role, suspend it, or lift that",
        responses=refusals(RoleNeeded, NotFound, OwnAccount),
    )
    async def change(
        request: AnyRequest, account_id: FromPath[str], data: JSONBody[AccountChange]
    ) -> Account:
        """Change what is given. Signs out all devices of the account, and ends what they play,
        unless nothing changes."""
        who = require(request, Role.OPERATOR)
        if account_id == who.account_id and data != AccountChange():
            raise OwnAccount(
                "You can't suspend your own account or change its role. Ask another operator."
            )
        return await identity.change_account(AccountId(account_id), data)

    @post(
        "/{account_id:str}/sign-out",
        operation_id="SignOutAccount",
        summary="Sign out all devices of an account, and end what they play",
        status_code=204,
        responses=refusals(RoleNeeded, NotFound),
    )
    async def sign_out(request: AnyRequest, account_id: FromPath[str]) -> None:
        require(request, Role.OPERATOR)
        account = await identity.account(AccountId(account_id))
        await identity.sign_out_everywhere(account.id)

    @post(
        "/{account_id:str}/reset-code",
        operation_id="MakeResetCode",
        summary="Make a code with which the account's owner sets a new password",
        status_code=200,
        responses=refusals(RoleNeeded, NotFound),
    )
    async def reset_code(request: AnyRequest, account_id: FromPath[str]) -> ResetCode:
        """Returns a code that works once, within a day, and replaces an earlier one."""
        require(request, Role.OPERATOR)
        return await identity.reset_code(AccountId(account_id))

    return Router(
        "/api/console/accounts",
        route_handlers=[accounts, change, sign_out, reset_code],
        tags=["operator"],
    )
