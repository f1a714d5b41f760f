"""A member of the crew that publishes and encodes."""

import itertools

from vitascope.assembly.process import media_tools
from vitascope.assembly.records import Records
from vitascope.encoding.encoder import Encoder
from vitascope.engines.guard import Bulkhead
from vitascope.engines.work.dbos_crew import DbosCrew
from vitascope.publishing import jobs as publishing_jobs
from vitascope.publishing.parts import queues
from vitascope.publishing.pictures import Illustrator
from vitascope.publishing.plans import Plans
from vitascope.publishing.run import Tools


class Worker(Records):
    async def enlist(self, name: str) -> None:
        """A member of the crew that publishes and encodes."""
        settings = self.settings.publishing
        crew = DbosCrew(
            self.work_url(),
            name=name,
            queues=queues(settings),
            poll_s=settings.poll_s,
            dead_after_s=settings.dead_after_s,
        )
        encoder = Encoder(
            blobs=self.blobs,
            media=media_tools(self.settings),
            folder=self.data / "work" / name,
            settings=self.settings.encoding,
        )
        catalog = await self.catalog()
        tools = Tools(
            encoding=encoder,
            catalog=catalog,
            licensing=await self.licensing(),
            illustrator=Illustrator(
                encoding=encoder,
                catalog=catalog,
                blobs=self.blobs,
                willing=settings.artwork,
            ),
            plans=Plans(self.blobs),
            ledger=await self.job_ledger(),
            settings=settings,
            bench=Bulkhead(settings.steps_at_once, queue=None),
            taken_up=itertools.count(),
        )
        publishing_jobs.enlist(crew, tools)
        self.endless.append(crew.run)
