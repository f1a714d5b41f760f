"""The headers of tus 1.0, read and written. See the tus protocol, version 1.0.0."""

import base64
import binascii
import datetime
from collections.abc import Mapping
from email.utils import formatdate
from typing import get_args
from urllib.parse import urlsplit

import msgspec

from vitascope.ingest.contract import (
    CHECKSUMS,
    SoundDraft,
    UnsupportedTusVersion,
    Upload,
    UploadDraft,
    UploadPriority,
    UploadState,
)
from vitascope.kernel.characters import has_control_characters
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import ContentId, TitleId, UploadId
from vitascope.kernel.media import Language, SoundRole

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination,concatenation"
PLACE = "/api/uploads/"
BODY = "application/offset+octet-stream"
_LONGEST_METADATA = 8192
_LONGEST_WORD = 300
_LAST_YEAR = 2200
_NO_DATE = (
    "`publish` must be `ready`, `asked`, or a date with its offset, such as "
    "2026-12-24T20:00:00+01:00."
)


def refuse_other_versions(headers: Mapping[str, str]) -> None:
    if headers.get("tus-resumable") != VERSION:
        raise UnsupportedTusVersion(
            f"This server speaks tus {VERSION}: send the header Tus-Resumable: {VERSION}.",
            supported=VERSION,
        )


def has_body(headers: Mapping[str, str]) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip() == BODY


def refuse_other_bodies(headers: Mapping[str, str]) -> None:
    if not has_body(headers):
        raise Invalid(f"The bytes of an upload are sent with Content-Type: {BODY}.")


def capabilities(max_size: int) -> dict[str, str]:
    return {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
        "Tus-Max-Size": str(max_size),
    }


def progress(upload: Upload) -> dict[str, str]:
    """Returns how far an upload is, and until when it is kept."""
    joining = upload.draft.joined_from and upload.state is UploadState.UPLOADING
    return {
        **({} if joining else {"Upload-Offset": str(upload.offset)}),
        "Upload-Expires": formatdate(upload.expires_at_ms / 1000, usegmt=True),
    }


def description(upload: Upload) -> dict[str, str]:
    draft = upload.draft
    words = {
        "filename": draft.file_name,
        "title_id": draft.title_id,
        "content_id": draft.content_id,
        "priority": draft.priority,
        **({"replaces": "yes"} if draft.replaces else {}),
        **({} if draft.publish_at_ms == 0 else {"publish": _when(draft.publish_at_ms)}),
        **_told(draft.sound),
    }
    told = ",".join(f"{key} {base64.b64encode(v.encode()).decode()}" for key, v in words.items())
    return {"Upload-Length": str(draft.size), "Upload-Metadata": told, **_concat(draft)}


def _concat(draft: UploadDraft) -> dict[str, str]:
    if draft.piece:
        return {"Upload-Concat": "partial"}
    if draft.joined_from:
        places = " ".join(f"{PLACE}{piece_id}" for piece_id in draft.joined_from)
        return {"Upload-Concat": f"final;{places}"}
    return {}


def _told(sound: SoundDraft | None) -> dict[str, str]:
    if sound is None:
        return {}
    return {
        "sound_language": sound.language,
        "sound_role": sound.role,
        "sound_label": sound.label,
        "sound_replaces": "yes" if sound.replaces else "no",
    }


def number(headers: Mapping[str, str], name: str) -> int:
    """Returns a header that must be a non-negative whole number. Raises `Invalid`."""
    text = headers.get(name.lower(), "")
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise Invalid(f"The header {name} must be a whole number of bytes; it is {text!r}.")
    return int(text)


def draft(headers: Mapping[str, str]) -> UploadDraft:
    """Returns what a creation asks for. Raises `Invalid`."""
    if "upload-defer-length" in headers:
        raise Invalid("Uploads of unknown length are not supported. Send Upload-Length.")
    words = metadata(headers.get("upload-metadata", ""))
    concat, _, places = headers.get("upload-concat", "").partition(";")
    if concat == "partial":
        return UploadDraft(
            file_name=words.get("filename") or "piece",
            size=number(headers, "Upload-Length"),
            title_id=TitleId(""),
            content_id=ContentId(""),
            piece=True,
        )
    pieces = _pieces(places) if concat == "final" else ()
    if concat and not pieces:
        raise Invalid(
            "Upload-Concat must be `partial`, or `final;` and the addresses of partial uploads, "
            "with a space between two."
        )
    if pieces and "upload-length" in headers:
        raise Invalid("The length of a final upload is that of its parts: send no Upload-Length.")
    for wanted in ("filename", "title_id"):
        if not words.get(wanted):
            raise Invalid(f"Upload-Metadata must hold `{wanted}` (its value in base64).")
    return UploadDraft(
        file_name=words["filename"],
        size=0 if pieces else number(headers, "Upload-Length"),
        title_id=TitleId(words["title_id"]),
        content_id=ContentId(words.get("content_id") or words["title_id"]),
        priority=_priority(words.get("priority") or "normal"),
        sound=_sound(words),
        joined_from=pieces,
        replaces=words.get("replaces", "no") == "yes",
        publish_at_ms=_publish_at_ms(words.get("publish") or "ready"),
    )


def _pieces(places: str) -> tuple[UploadId, ...]:
    """Returns the uploads at these addresses, whole or without the host. Raises `Invalid`."""
    ids = []
    for place in places.split():
        path = _path(place)
        if not path.startswith(PLACE):
            raise Invalid(f"{place!r} is no address of an upload here: it begins with {PLACE}.")
        ids.append(UploadId(path.removeprefix(PLACE)))
    return tuple(ids)


def _path(address: str) -> str:
    """Returns the path of an address, or "" where it is none."""
    try:
        return urlsplit(address).path
    except ValueError:  # "http://["
        return ""


def _sound(words: Mapping[str, str]) -> SoundDraft | None:
    """Returns what a sound track for a published film is told to be; None for a master."""
    if "sound_language" not in words:
        return None
    role = words.get("sound_role") or "main"
    if role not in get_args(SoundRole):
        raise Invalid(f"`sound_role` must be one of {', '.join(get_args(SoundRole))}.")
    return SoundDraft(
        language=Language(words["sound_language"]),
        role=msgspec.convert(role, SoundRole),
        label=words.get("sound_label", ""),
        replaces=words.get("sound_replaces", "no") == "yes",
    )


def _publish_at_ms(word: str) -> int | None:
    """Returns when to publish: `ready` is 0, `asked` is None, or a date. Raises `Invalid`."""
    if word in ("ready", "asked"):
        return 0 if word == "ready" else None
    try:
        at = datetime.datetime.fromisoformat(word)
    except ValueError as error:
        raise Invalid(_NO_DATE) from error
    if at.tzinfo is None or at.year > _LAST_YEAR:
        raise Invalid(_NO_DATE)
    return max(0, round(at.timestamp() * 1000))


def _when(publish_at_ms: int | None) -> str:
    if publish_at_ms is None:
        return "asked"
    return datetime.datetime.fromtimestamp(publish_at_ms / 1000, datetime.UTC).isoformat()


def _priority(word: str) -> UploadPriority:
    """Raises `Invalid`."""
    try:
        priority: UploadPriority = msgspec.convert(word, UploadPriority)
    except msgspec.ValidationError as error:
        allowed = ", ".join(get_args(UploadPriority))
        raise Invalid(f"The priority must be one of {allowed}.") from error
    return priority


def metadata(header: str) -> dict[str, str]:
    """Returns `key base64,key base64,...` as words. Raises `Invalid`."""
    if len(header) > _LONGEST_METADATA:
        raise Invalid(f"Upload-Metadata may have {_LONGEST_METADATA} characters.")
    words: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, value = pair.partition(" ")
        try:
            words[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Invalid(f"The value of `{key}` in Upload-Metadata is not base64.") from error
        if len(words[key]) > _LONGEST_WORD:
            raise Invalid(f"The value of `{key}` may have {_LONGEST_WORD} characters.")
        if has_control_characters(words[key]):
            raise Invalid(f"The value of `{key}` in Upload-Metadata has control characters in it.")
    return words


def checksum(headers: Mapping[str, str]) -> tuple[str, bytes] | None:
    """Returns the algorithm and the digest. Raises `Invalid`."""
    header = headers.get("upload-checksum")
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    if algorithm not in CHECKSUMS:
        known = ", ".join(CHECKSUMS)
        raise Invalid(f"The checksum algorithm {algorithm!r} is not supported; use {known}.")
    try:
        return algorithm, base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise Invalid("Upload-Checksum must be an algorithm and a digest in base64.") from error
