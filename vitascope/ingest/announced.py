"""What is announced of an upload that has arrived whole."""

from vitascope.ingest.contract import MasterReceived, SoundReceived, Subtitles, Upload
from vitascope.kernel.ids import MasterId


def announcement(
    upload: Upload, master_id: MasterId, sha256: str, key: str, given: tuple[Subtitles, ...]
) -> MasterReceived | SoundReceived:
    draft = upload.draft
    if draft.sound is not None:
        return SoundReceived(
            master_id=master_id,
            partner_id=upload.partner_id,
            title_id=draft.title_id,
            content_id=draft.content_id,
            file_name=draft.file_name,
            size=draft.size,
            sha256=sha256,
            blob_key=key,
            sound=draft.sound,
            by_operator=draft.by_operator,
        )
    return MasterReceived(
        master_id=master_id,
        partner_id=upload.partner_id,
        title_id=draft.title_id,
        content_id=draft.content_id,
        file_name=draft.file_name,
        size=draft.size,
        sha256=sha256,
        blob_key=key,
        priority=draft.priority,
        subtitles=given,
        replaces=draft.replaces,
        publish_at_ms=draft.publish_at_ms,
        by_operator=draft.by_operator,
    )
