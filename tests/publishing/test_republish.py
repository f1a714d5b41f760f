"""I2: a live title is changed without encoding: durable, verified before, one flip at the end."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from tests.publishing.test_pipeline import (
    JOB,
    PARTNER,
    Workers,
    is_in,
    master,
    publishing,
    rows,
    until_job,
    workers,
)
from tests.publishing.worker import FlipLog
from vitascope.catalog import Asset, NoSuchTitle
from vitascope.ingest import SubtitleKind, Subtitles, SubtitlesChanged
from vitascope.kernel.ids import AccountId, ContentId, JobId, TitleId
from vitascope.kernel.media import Language
from vitascope.publishing import Change, JobState, NothingPublished, NothingToChange
from vitascope.publishing.durable import DurablePublishing
from vitascope.publishing.schedule import asset_of_job

__all__ = ["publishing", "rows", "workers"]  # fixtures

pytestmark = pytest.mark.long

TITLE, CONTENT = TitleId("ttl_x"), ContentId("ttl_x")


def given(*languages: str, changed: str = "") -> SubtitlesChanged:
    return SubtitlesChanged(
        partner_id=PARTNER,
        title_id=TITLE,
        content_id=CONTENT,
        language=Language(changed or languages[-1]),
        subtitles=tuple(
            Subtitles(
                content_id=CONTENT,
                language=Language(language),
                file_name=f"{language}.srt",
                blob_key=f"subtitles/ttl_x/{language}",
            )
            for language in languages
        ),
    )


async def live(publishing: DurablePublishing, workers: Workers) -> list[str]:
    """A title is published; the chunks that took."""
    await publishing.receive(master())
    workers.start()
    await until_job(publishing, is_in(JobState.LIVE))
    return workers.log("end chunk")


def spoken(asset: Asset) -> list[str]:
    return [track.language for track in asset.text]


async def test_subtitles_for_a_live_title_are_published_at_once(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    chunks = await live(publishing, workers)
    await publishing.receive_subtitles(given("sv"), "e1")
    await publishing.receive_subtitles(given("sv"), "e1")  # heard twice
    job = await until_job(publishing, is_in(JobState.LIVE), JobId("job_e1"))
    assert job.file_name == "subtitles sv"
    assert [step.name for step in job.steps] == [
        "open the live version",
        "subtitles",
        "package",
        "verify",
        "publish",
    ]
    _, before, after = FlipLog(data).flips()
    assert (spoken(before), spoken(after)) == ([], ["sv"])
    assert before.ladder == after.ladder
    assert before.key_ids == after.key_ids
    assert not after.partial
    await publishing.receive_subtitles(given("sv", "fi"), "e2")
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_e2"))
    assert spoken(FlipLog(data).flips()[-1]) == ["sv", "fi"]
    await publishing.receive_subtitles(given("fi", changed="sv"), "e3")
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_e3"))
    assert spoken(FlipLog(data).flips()[-1]) == ["fi"], "what was taken away is still there"
    assert workers.log("end chunk") == chunks, "something was encoded"


async def test_subtitles_of_a_kind_are_changed_and_taken_away_by_themselves(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    def kinds() -> list[tuple[str, bool, bool]]:
        text = FlipLog(data).flips()[-1].text
        return sorted((one.language, one.forced, one.closed_captions) for one in text)

    async def change(event: str, *kinds: SubtitleKind, changed: SubtitleKind) -> str:
        (one,) = given("sv").subtitles
        there = tuple(msgspec.structs.replace(one, kind=kind) for kind in kinds)
        told = msgspec.structs.replace(given("sv"), subtitles=there, kind=changed)
        await publishing.receive_subtitles(told, event)
        job = await until_job(publishing, is_in(JobState.LIVE), JobId(f"job_{event}"))
        return job.file_name

    await live(publishing, workers)
    assert await change("e1", "full", "sdh", changed="sdh") == "subtitles sv, sv (sdh)"
    assert kinds() == [("sv", False, False), ("sv", False, True)]
    await change("e2", "full", "sdh", "forced", changed="forced")
    assert kinds() == [("sv", False, False), ("sv", False, True), ("sv", True, False)]
    named = await change("e3", "full", "forced", changed="sdh")
    assert named == "subtitles sv, sv (forced); without subtitles sv (sdh)"
    assert kinds() == [("sv", False, False), ("sv", True, False)]


async def test_a_change_waits_for_the_master_that_came_before_it(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await publishing.receive(master())
    await publishing.receive_subtitles(given("sv"), "e1")
    workers.start(pause_s=0.1)
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_e1"))
    assert (await publishing.job(PARTNER, JOB)).state is JobState.LIVE
    assert [asset.partial for asset in FlipLog(data).flips()] == [True, False, False]
    assert spoken(FlipLog(data).flips()[-1]) == ["sv"]


async def test_a_change_that_was_overtaken_is_made_to_the_newer_version(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    """A format may be added to the title meanwhile, by a job for which no other one waits."""
    await live(publishing, workers)
    book = FlipLog(data)
    (data / "hold").write_text("package")
    await publishing.receive_subtitles(given("sv"), "e1")
    await until_job(
        publishing,
        lambda job: any(step.name == "package" for step in job.steps),
        JobId("job_e1"),
    )
    newer = msgspec.structs.replace(book.flips()[-1], version="newer", credits_start_ms=5000)
    newer = msgspec.structs.replace(newer, prefix="assets/newer")
    await book.publish(TITLE, newer)
    (data / "hold").unlink()
    job = await until_job(publishing, is_in(JobState.LIVE), JobId("job_e1"))
    assert job.share_done == 1.0
    last = book.flips()[-1]
    assert (spoken(last), last.credits_start_ms) == (["sv"], 5000)


async def test_a_change_to_what_another_master_has_replaced_meanwhile_is_not_made_to_that(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    """Though it is as long, frame by frame: it may be another cut."""
    await live(publishing, workers)
    book = FlipLog(data)
    (data / "hold").write_text("package")
    await publishing.receive_subtitles(given("sv"), "e1")
    await until_job(
        publishing,
        lambda job: any(step.name == "package" for step in job.steps),
        JobId("job_e1"),
    )
    await publishing.receive(master("next"))
    next_one = await publishing.job(PARTNER, JobId("job_next"))
    other = msgspec.structs.replace(
        book.flips()[-1], id=asset_of_job(next_one.id), version="other", prefix="assets/other"
    )
    await book.publish(TITLE, other)
    (data / "hold").unlink()
    job = await until_job(publishing, is_in(JobState.CANCELLED), JobId("job_e1"))
    assert "meanwhile" in job.reason


async def test_subtitles_before_the_first_master_wait_for_it(publishing: DurablePublishing) -> None:
    await publishing.receive_subtitles(given("sv"), "e1")
    assert (await publishing.jobs(PARTNER)).jobs == ()


async def test_a_change_survives_the_death_of_its_worker_and_flips_once(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await live(publishing, workers)
    workers.stop()
    (data / "log").unlink()
    slow = workers.start(pause_s=3600.0)
    await publishing.receive_subtitles(given("sv"), "e1")
    await until_job(
        publishing, lambda job: any(step.state == "running" for step in job.steps), JobId("job_e1")
    )
    await asyncio.to_thread(workers.kill, slow)
    assert len(FlipLog(data).flips()) == 2, "flipped before it was whole"
    workers.start()
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_e1"))
    assert len(FlipLog(data).flips()) == 3
    assert spoken(FlipLog(data).flips()[-1]) == ["sv"]


async def test_what_does_not_verify_is_not_published(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await live(publishing, workers)
    (data / "odd-2").touch()
    await publishing.receive_subtitles(given("sv"), "e1")
    job = await until_job(publishing, is_in(JobState.FAILED), JobId("job_e1"))
    assert "144 ms" in job.reason
    assert len(FlipLog(data).flips()) == 2
    (data / "odd-2").unlink()
    await publishing.retry(PARTNER, job.id, "measured again")
    await until_job(publishing, is_in(JobState.LIVE), job.id)
    assert spoken(FlipLog(data).flips()[-1]) == ["sv"]


async def test_new_keys_and_another_scheme_make_another_asset(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    book = FlipLog(data)
    book.own(PARTNER)
    await live(publishing, workers)
    change = Change(scheme="cenc", new_keys=True)
    job = await publishing.republish(PARTNER, TITLE, CONTENT, change)
    assert job.file_name == "protection cenc; new keys"
    await until_job(publishing, is_in(JobState.LIVE), job.id)
    before, after = book.flips()[-2:]
    assert after.id != before.id
    assert after.scheme == "cenc"
    assert set(after.key_ids.values()).isdisjoint(before.key_ids.values())


async def test_a_protection_is_taken_away_and_given_and_stays_with_the_next_master(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    book = FlipLog(data)
    book.own(PARTNER)
    await live(publishing, workers)
    for scheme, has_keys in (("none", False), ("cenc", True), ("none", False)):
        change = Change(scheme=scheme)  # type: ignore[arg-type]
        job = await publishing.republish(PARTNER, TITLE, CONTENT, change)
        await until_job(publishing, is_in(JobState.LIVE), job.id)
        flipped = book.flips()[-1]
        assert (flipped.scheme, bool(flipped.key_ids)) == (scheme, has_keys)
    await publishing.receive(master("next"))
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_next"))
    assert (book.flips()[-1].scheme, book.flips()[-1].key_ids) == ("none", {})


async def test_a_first_version_is_protected_as_its_partner_said(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    book = FlipLog(data)
    book.protect("none")
    await live(publishing, workers)
    assert {asset.scheme for asset in book.flips()} == {"none"}


async def test_only_the_owner_changes_what_is_live(
    publishing: DurablePublishing, data: Path
) -> None:
    FlipLog(data).own(PARTNER)
    change = Change(new_keys=True)
    with pytest.raises(NothingToChange):
        await publishing.republish(PARTNER, TITLE, CONTENT, Change())
    with pytest.raises(NothingPublished):
        await publishing.republish(PARTNER, TITLE, CONTENT, change)
    with pytest.raises(NoSuchTitle):
        await publishing.republish(AccountId("acc_other"), TITLE, CONTENT, change)


def test_a_change_travels_as_json() -> None:
    change = Change(subtitles=given("sv").subtitles, scheme="cenc")
    assert msgspec.json.decode(msgspec.json.encode(change), type=Change) == change
