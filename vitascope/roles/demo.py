"""The demo: brought into the service that `up` started, or closed to strangers."""

from contextlib import AsyncExitStack
from pathlib import Path

from vitascope.assembly.process import Process
from vitascope.billing import Billing
from vitascope.catalog import TitleRecords
from vitascope.engines.tls import is_loopback
from vitascope.identity import Identity
from vitascope.ingest import Ingest
from vitascope.operations import shipped
from vitascope.operations.up import Rest, Seed, SignIns, Step
from vitascope.roles.this_machine import at_home
from vitascope.settings import Settings
from vitascope.viewing import Viewing


def demo_seed(settings: Settings, data: Path, *, known_passwords: bool = False) -> Seed:
    """Bring the demo into the service that `up` started: what is needed to watch something at once,
    and then the rest, in the background. Returns the demo's sign-ins. Their passwords are the known
    ones only where nobody else reaches the service, or with `known_passwords`."""
    from vitascope.operations.demo.bringing import trouble_by_http, upload_to
    from vitascope.operations.demo.seed import DemoSeed
    from vitascope.operations.demo.sign_ins import replace_known, sign_ins

    known = may_be_known(settings, asked=known_passwords)

    async def seed(server: str, step: Step) -> tuple[SignIns, Rest]:
        stack = AsyncExitStack()
        process = Process(at_home(settings), (), stack)
        catalog = await process.dialled(TitleRecords)
        identity = await process.dialled(Identity)
        by = await sign_ins(process.engines.secrets, known=known)
        if not known:
            await replace_known(identity, process.engines.secrets, by)
        demo = DemoSeed(
            identity=identity,
            by=by,
            billing=await process.dialled(Billing),
            catalog=catalog,
            viewing=await process.dialled(Viewing),
            upload=upload_to(await process.dialled(Ingest), catalog),
            trouble=trouble_by_http(server, by.partner),
            clock=process.engines.clock,
            folder=shipped.demo(),
            notes=data / "demo",
            step=step,
            every_film=settings.service.demo_films == "all",
        )

        async def rest() -> None:
            async with stack:
                await demo.rest()

        return await demo.first(), rest

    return seed


def may_be_known(settings: Settings, *, asked: bool) -> bool:
    """Returns True where only this machine reaches the service, or the operator `asked` for it."""
    return asked or is_loopback(settings.service.host)


def demo_closed(settings: Settings, data: Path) -> Seed | None:
    """Returns what makes sure that accounts of an earlier demo in this data folder do not have the
    known passwords; None where nobody else reaches the service, or there was no demo."""
    from vitascope.operations.demo.sign_ins import replace_known, sign_ins

    if may_be_known(settings, asked=False) or not (data / "demo" / "people.json").exists():
        return None

    async def close(server: str, step: Step) -> tuple[SignIns, Rest]:
        async with AsyncExitStack() as stack:
            process = Process(at_home(settings), (), stack)
            secrets = process.engines.secrets
            by = await sign_ins(secrets, known=False)
            await replace_known(await process.dialled(Identity), secrets, by)
        return [], _nothing_more

    return close


async def _nothing_more() -> None:
    """Do nothing: without the demo nothing follows."""
