"""`vitascope run api`, which acknowledges masters that it may forget: to see that a test notices.
`python -m tests.publishing.forgetful_api run api ...`.

The planted fault: what ingest announces waits in memory for a while before it is put down.
"""

import asyncio
from typing import Any

import vitascope.assembly.api
from vitascope.cli import main
from vitascope.engines.bus import Outbox
from vitascope.engines.rows import Connection, Rows
from vitascope.ingest.upload import MasterDesk
from vitascope.kernel.events import Event

LATER_S = 30.0


class LateOutbox:
    def __init__(self, rows: Rows, outbox: Outbox) -> None:
        self._rows = rows
        self._outbox = outbox
        self._loop = asyncio.get_running_loop()

    def put(self, _: Connection, *events: Event) -> None:
        asyncio.run_coroutine_threadsafe(self._later(*events), self._loop)

    async def _later(self, *events: Event) -> None:
        await asyncio.sleep(LATER_S)
        await self._rows.write(lambda connection: self._outbox.put(connection, *events))


class ForgetfulDesk(MasterDesk):
    def __init__(self, *, rows: Rows, outbox: Outbox, **given: Any) -> None:
        super().__init__(rows=rows, outbox=LateOutbox(rows, outbox), **given)


if __name__ == "__main__":
    setattr(vitascope.assembly.api, "MasterDesk", ForgetfulDesk)  # noqa: B010 (a type)
    main()
