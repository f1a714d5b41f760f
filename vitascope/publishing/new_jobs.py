"""What jobs begin as, and what the studio calls them."""

from vitascope.ingest import MasterReceived, SubtitleKind
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import AccountId, ContentId, JobId, TitleId
from vitascope.kernel.media import DynamicRange, Language, codec_named, is_of_hdr
from vitascope.publishing.contract import Change, LiveVersion, NothingToChange
from vitascope.publishing.store import NewJob


def need_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > 500:
        raise Invalid("Say why, in 1 to 500 characters: the reason is kept with the job.")


def job_for(job_id: JobId, event: MasterReceived, *, replaces: bool) -> NewJob:
    return NewJob(
        id=job_id,
        master_id=event.master_id,
        partner_id=event.partner_id,
        title_id=event.title_id,
        content_id=event.content_id,
        file_name=event.file_name,
        priority=event.priority,
        publish_at_ms=event.publish_at_ms,
        replaces=replaces,
        kind="master",
    )


def change_job(
    job_id: JobId, partner_id: AccountId, title_id: TitleId, content_id: ContentId, change: Change
) -> NewJob:
    """Returns the job of a change to what is live. Formats take long, and wait for all else."""
    return NewJob(
        id=job_id,
        partner_id=partner_id,
        title_id=title_id,
        content_id=content_id,
        file_name=told_of(change),
        priority="back-catalog" if change.formats else "normal",
        kind="formats" if change.formats else "change",
    )


def need_new_formats(change: Change, live: LiveVersion) -> None:
    """Raises `NothingToChange` where formats are to be added that cannot be."""
    if not change.formats:
        return
    if change != Change(formats=change.formats):
        raise NothingToChange("Add formats by themselves, and make other changes apart.")
    if live.partial:
        raise NothingToChange("Only a first version is live. Add formats when the whole one is.")
    offered = {offer.codec for offer in live.offers}
    not_offered = [name for name in change.formats if name not in offered]
    has = {(one.codec, one.dynamic_range is not DynamicRange.SDR) for one in live.formats}
    there = [name for name in not_offered if (codec_named(name), is_of_hdr(name)) in has]
    if there:
        raise NothingToChange(f"The live version has {', '.join(there)} already.")
    if not_offered:
        raise NothingToChange("Its master is in SDR, so nothing can be made of it in HDR.")


def told_of(change: Change) -> str:
    """Returns what the studio shows in the place of a master's file name."""
    sound = change.sound.draft if change.sound else None
    languages = [_named(one.language, one.kind) for one in change.subtitles]
    gone = [str(language) for language in change.without_subtitles]
    gone += [_named(one.language, one.kind) for one in change.without_text]
    parts = {
        "subtitles " + ", ".join(languages): bool(languages),
        "without subtitles " + ", ".join(gone): bool(gone),
        f"sound {sound and sound.language} ({sound and sound.role})": sound is not None,
        "without sound " + ", ".join(change.without_audio): bool(change.without_audio),
        f"protection {change.scheme}": change.scheme is not None,
        "new keys": change.new_keys,
        "format " + ", ".join(change.formats): bool(change.formats),
    }
    return "; ".join(part for part, wanted in parts.items() if wanted)


def _named(language: Language, kind: SubtitleKind) -> str:
    return language if kind == "full" else f"{language} ({kind})"
