"""Which catalogues somebody may act in; operators open them to other partners."""

from litestar import Router, delete, get, put
from litestar.params import FromPath

from vitascope.engines.http import AnyRequest, RoleNeeded, refusals, require
from vitascope.identity.contract import Account, Catalogue, Identity
from vitascope.kernel.errors import NotFound
from vitascope.kernel.ids import AccountId
from vitascope.kernel.viewer import Role


def routes(identity: Identity) -> Router:
    @get(
        "/api/studio/catalogues",
        operation_id="Catalogues",
        summary="The catalogues that you may act in, your own first",
        responses=refusals(RoleNeeded),
        tags=["studio"],
    )
    async def mine(request: AnyRequest) -> list[Catalogue]:
        """A request of the studio is about your own catalogue, or the one that its header
        `X-Catalogue` names by its id. An operator may act in every partner's."""
        return await identity.catalogues(require(request, Role.PARTNER, Role.OPERATOR))

    place = "/api/console/catalogues/{catalogue_id:str}/accounts"

    @get(
        place,
        operation_id="CatalogueAccounts",
        summary="The other partners who may work in a partner's catalogue",
        responses=refusals(RoleNeeded),
        tags=["operator"],
    )
    async def who(request: AnyRequest, catalogue_id: FromPath[str]) -> list[Account]:
        require(request, Role.OPERATOR)
        return await identity.catalogue_accounts(AccountId(catalogue_id))

    @put(
        f"{place}/{{account_id:str}}",
        operation_id="OpenCatalogue",
        summary="Let a partner see and change the titles of another",
        responses=refusals(RoleNeeded, NotFound),
        status_code=204,
        tags=["operator"],
    )
    async def open_(
        request: AnyRequest, catalogue_id: FromPath[str], account_id: FromPath[str]
    ) -> None:
        require(request, Role.OPERATOR)
        await identity.open_catalogue(AccountId(account_id), AccountId(catalogue_id))

    @delete(
        f"{place}/{{account_id:str}}",
        operation_id="CloseCatalogue",
        summary="End that, at once",
        responses=refusals(RoleNeeded),
        status_code=204,
        tags=["operator"],
    )
    async def close(
        request: AnyRequest, catalogue_id: FromPath[str], account_id: FromPath[str]
    ) -> None:
        require(request, Role.OPERATOR)
        await identity.close_catalogue(AccountId(account_id), AccountId(catalogue_id))

    return Router("/", route_handlers=[mine, who, open_, close])
