"""Which partners' titles an account may work on: its own, and those that an operator opened to it.

A catalogue is the titles of one partner, and has the id of that partner's account.
"""

from vitascope.engines.rows import Connection, Rows
from vitascope.identity import store
from vitascope.identity.contract import Account, Catalogue, NoSuchCatalogue
from vitascope.kernel.errors import NotFound
from vitascope.kernel.ids import AccountId
from vitascope.kernel.viewer import Principal, Role

_MOST = 100


class Catalogues:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def of(self, principal: Principal) -> list[Catalogue]:
        """Returns the catalogues that somebody may act in, their own first; an operator's are
        those of all partners."""
        if principal.role is Role.VIEWER:
            return []

        def work(connection: Connection) -> list[Account]:
            own = store.account(connection, principal.account_id)
            if principal.role is Role.OPERATOR:
                others = store.partners(connection, _MOST)
            else:
                others = store.opened_to(connection, principal.account_id, _MOST)
            return [*([own] if own else []), *(one for one in others if one != own)]

        return [Catalogue(id=one.id, name=one.name) for one in await self._rows.read(work)]

    async def check(self, principal: Principal, catalogue_id: AccountId) -> None:
        """Raises `NoSuchCatalogue`, in the same words for one that is not there and for one that is
        not theirs."""
        if catalogue_id == principal.account_id:
            return

        def work(connection: Connection) -> bool:
            if principal.role is Role.OPERATOR:
                found = store.account(connection, catalogue_id)
                return found is not None and found.role is not Role.VIEWER
            return store.is_open(connection, principal.account_id, catalogue_id)

        if principal.role is Role.VIEWER or not await self._rows.read(work):
            raise NoSuchCatalogue("You have no rights to such a catalogue.")

    async def open(self, account_id: AccountId, catalogue_id: AccountId) -> None:
        """Let a partner work in the catalogue of another; harmless when it may. Raises
        `NotFound`."""

        def work(connection: Connection) -> None:
            for wanted in (account_id, catalogue_id):
                found = store.account(connection, wanted)
                if found is None or found.role is not Role.PARTNER:
                    raise NotFound(f"There is no partner {wanted}.")
            store.open_catalogue(connection, account_id, catalogue_id)

        await self._rows.write(work)

    async def close(self, account_id: AccountId, catalogue_id: AccountId) -> None:
        """End that, at once; harmless when it is so."""
        await self._rows.write(lambda c: store.close_catalogue(c, account_id, catalogue_id))

    async def open_to(self, catalogue_id: AccountId) -> list[Account]:
        """Returns the other partners who may work in a catalogue."""
        return await self._rows.read(lambda c: store.who_may(c, catalogue_id, _MOST))
