"""I7: a sound track for a live title: a version with it, and no picture is encoded for it."""

import asyncio
from pathlib import Path

import pytest

from tests.publishing.test_pipeline import (
    PARTNER,
    Workers,
    is_in,
    publishing,
    rows,
    until_job,
    workers,
)
from tests.publishing.test_republish import CONTENT, TITLE, live
from tests.publishing.worker import FlipLog
from vitascope.catalog import Asset
from vitascope.ingest import SoundDraft, SoundReceived
from vitascope.kernel.ids import JobId, MasterId
from vitascope.kernel.media import Language, SoundRole
from vitascope.publishing import JobState
from vitascope.publishing.durable import DurablePublishing

__all__ = ["publishing", "rows", "workers"]  # fixtures

pytestmark = pytest.mark.long


def delivered(
    name: str,
    language: str = "fr",
    *,
    role: SoundRole = "main",
    label: str = "",
    replaces: bool = False,
) -> SoundReceived:
    return SoundReceived(
        master_id=MasterId(f"mas_{name}"),
        partner_id=PARTNER,
        title_id=TITLE,
        content_id=CONTENT,
        file_name=f"{name}.flac",
        size=1,
        sha256="00",
        blob_key=f"masters/mas_{name}/bytes",
        sound=SoundDraft(language=Language(language), role=role, label=label, replaces=replaces),
    )


def spoken(asset: Asset) -> list[tuple[str, SoundRole, str]]:
    return [(track.language, track.role, track.label) for track in asset.audio]


async def test_a_sound_track_becomes_part_of_what_is_live(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    chunks = await live(publishing, workers)
    await publishing.receive_sound(delivered("dub"))
    await publishing.receive_sound(delivered("dub"))  # heard twice
    job = await until_job(publishing, is_in(JobState.LIVE), JobId("job_dub"))
    assert job.file_name == "dub.flac: sound fr (main)"
    assert job.master_id == "mas_dub", "the client finds the job of its upload by this"
    assert [step.name for step in job.steps] == [
        "inspect sound",
        "open the live version",
        "compare sound",
        "audio",
        "subtitles",
        "package",
        "verify",
        "publish",
    ]
    _, before, after = FlipLog(data).flips()
    assert (spoken(before), spoken(after)) == ([], [("fr", "main", "")])
    assert before.ladder == after.ladder
    assert not after.partial
    await publishing.receive_sound(delivered("talk", role="commentary", label="The director"))
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_talk"))
    now = FlipLog(data).flips()[-1]
    assert spoken(now) == [("fr", "main", ""), ("fr", "commentary", "The director")]
    assert workers.log("compare") == ["compare with fr"], "there was nothing to compare with before"
    assert workers.log("end chunk") == chunks, "a picture was encoded"
    assert len(workers.log("end sound")) == 2


async def test_sound_that_is_there_is_replaced_only_when_asked(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await live(publishing, workers)
    for name, language in (("one", "fr"), ("two", "de")):
        await publishing.receive_sound(delivered(f"first-{name}", language))
        await until_job(publishing, is_in(JobState.LIVE), JobId(f"job_first-{name}"))
    await publishing.receive_sound(delivered("again"))
    job = await until_job(publishing, is_in(JobState.REJECTED), JobId("job_again"))
    assert "audio in 'fr' and this role already" in job.reason
    (finding,) = (await publishing.report(PARTNER, job.id)).findings
    assert finding.code == "sound-already-there"
    before = FlipLog(data).flips()[-1]
    await publishing.receive_sound(delivered("better", replaces=True))
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_better"))
    after = FlipLog(data).flips()[-1]
    assert [track.language for track in after.audio] == ["fr", "de"], "it lost its place"
    assert before.version != after.version
    # what is replaced may be what was wrong: it does not count
    assert workers.log("compare")[-1] == "compare with de"


async def test_unfit_sound_is_refused_and_what_is_live_stays(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await live(publishing, workers)
    (data / "scratched").touch()
    await publishing.receive_sound(delivered("bad"))
    job = await until_job(publishing, is_in(JobState.REJECTED), JobId("job_bad"))
    assert job.reason == "The sound is damaged about 3.0 s in. Export it again."
    assert [step.name for step in job.steps] == ["inspect sound"], "it was opened all the same"
    (data / "scratched").unlink()
    await publishing.receive_sound(delivered("good"))
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_good"))
    (data / "late").touch()
    await publishing.receive_sound(delivered("late", "de"))
    job = await until_job(publishing, is_in(JobState.REJECTED), JobId("job_late"))
    assert "144 ms too late" in job.reason
    assert spoken(FlipLog(data).flips()[-1]) == [("fr", "main", "")]


async def test_sound_for_what_is_not_live_any_more_is_not_published(
    publishing: DurablePublishing, workers: Workers
) -> None:
    await publishing.receive_sound(delivered("early"))
    workers.start()
    job = await until_job(publishing, is_in(JobState.CANCELLED), JobId("job_early"))
    assert "nothing published" in job.reason


async def test_sound_survives_the_death_of_its_worker_and_is_encoded_once(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await live(publishing, workers)
    workers.stop()
    slow = workers.start(pause_s=3600.0)  # it opens the live version for so long
    await publishing.receive_sound(delivered("dub"))
    await until_job(
        publishing,
        lambda job: any(
            (one.name, one.state) == ("open the live version", "running") for one in job.steps
        ),
        JobId("job_dub"),
    )
    await asyncio.to_thread(workers.kill, slow)
    workers.start()
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_dub"))
    assert len(FlipLog(data).flips()) == 3
    assert len(workers.log("end sound")) == 1
