"""What a sound track of a master is for: told by its flags, its language code, or its title.

Titles come in any language, as people write them: "Director's commentary", "Audiodescription",
"Kommentar (Regie)", "VF". They are read without accents and case, by stems that the languages
share; what is written without spaces (Japanese, Chinese, Korean) is looked for as it is. All pure.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import msgspec

from vitascope.encoding.master.languages import names_of
from vitascope.kernel.media import Language, SoundOrigin, SoundRole

# Beginnings of words.
_DESCRIPTION = (
    *("audiodescri", "audiodeskri", "audiodeskry", "audiopopis", "audionarra", "audiosyntolk"),
    "synstolk",
    *("syntolk", "kuvailutulk", "horfilm", "descriptive", "tiflo", "тифло", "аудиодескр"),
    *("аудіодескр", "betimleme", "visually impaired", "vision impaired", "described video"),
    *("video descri", "malvoyant", "non vedent", "ipovedent", "sehbehind", "blindentekst"),
    *("audio descri", "audio deskri", "describes video", "ακουστικη περιγραφη"),
    *("音声解説", "音声ガイド", "口述影像", "화면해설", "화면 해설", "תיאור קולי"),
    "وصف صوتي",
)  # fmt: skip
_COMMENTARY = (
    *("comment", "coment", "audiocomment", "audiokomment", "kommentar", "kommentaar"),
    *("kommentti", "koment", "yorum"),
    *("коммент", "комент", "σχολι", "コメンタリ", "评论音", "評論音", "导评", "講評"),
    *("코멘터리", "코멘트", "تعليق", "פרשנות"),
)  # fmt: skip
_WITHOUT = (
    r"(?:no|non|not|without|sans|ohne|kein\w*|sin|senza|sem|uten|uden|utan|zonder|bez|без|χωρις)"
)
_DUB = (
    *("dubbed", "dubbing", "doublage", "synchronfass", "doblaje", "doblad", "doppiagg"),
    *("doppiat", "dublag", "dublad", "dublaj", "dublat", "dabing", "dublaz", "дубляж", "дублир"),
    *("吹替", "吹き替え", "配音", "더빙"),
)  # fmt: skip
_ORIGINAL = (
    *("original", "originalton", "oryginaln", "orijinal", "оригинал", "оригінал"),
    *("原声", "原聲", "原音", "原語", "원어"),
)  # fmt: skip
# Whole words, of their own or in capitals: in the middle of a title they may be anything.
_SHORT: Mapping[str, str] = {
    **dict.fromkeys(("AD", "DVS", "DV"), "description"),
    **dict.fromkeys(("Dub", "DUB", "dub"), "dub"),
    **dict.fromkeys(("VF", "VFF", "VFQ", "VFI", "VI"), "dub"),
    **dict.fromkeys(("VO", "OV", "VOSE", "V.O.", "O-Ton"), "original"),
}
# Broadcasters' codes, which are no languages (EN 300 468): narrative, described, original.
_CODES = {"qad": "description", "nar": "description", "qaa": "original"}
_FLAGS = {
    "comment": "commentary",
    "visual_impaired": "description",
    "descriptions": "description",
    "dub": "dub",
    "original": "original",
}
_TECHNICAL = re.compile(
    r"(?<!\w)(?:stereo|mono|surround|multichannel|[1257]\.[01](?:\.[24])?(?:ch)?|e?-?ac-?3|dd[p+]?"
    r"|dolby|digital|plus|atmos|true-?hd|dts(?:-?hd)?|ma|hra|he-?aac|aac(?:-?lc)?|l?pcm|flac|opus"
    r"|mp[23]|vorbis|alac|\d+\s*(?:kbps|kb/s|kbit/s|khz|hz|bits?)|@|audio|sound|track|son|ton|piste"
    r"|spur|pista|channels?|main|default)(?!\w)",
    re.IGNORECASE,
)
# What programs write where a title would be.
_BY_PROGRAMS = re.compile(
    r"handler|core media|gpac|mainconcept|bento4|l-smash|isomedia|^(?:audio|sound|track|stream)?"
    r"[\s#_-]*\d*$",
    re.IGNORECASE,
)
_LONGEST = 60


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """`label` is what of the title is worth reading beside language and role."""

    role: SoundRole = "main"
    origin: SoundOrigin = "unknown"
    label: str = ""


def told_of(stream: Mapping[str, Any], language: Language) -> Told:
    """Returns what ffprobe's description of a sound stream tells."""
    tags: Mapping[str, Any] = stream.get("tags", {})
    flags: Mapping[str, Any] = stream.get("disposition", {})
    title = title_of(stream)
    words = {word for flag, word in _FLAGS.items() if flags.get(flag)}
    words |= {_CODES[code] for code in [str(tags.get("language", "")).lower()] if code in _CODES}
    words |= words_of(title)
    role: SoundRole = (
        "description"
        if "description" in words
        else "commentary"
        if "commentary" in words
        else "main"
    )
    origin: SoundOrigin = (
        "original" if "original" in words else "dub" if "dub" in words else "unknown"
    )
    return Told(role=role, origin=origin, label=label_of(title, role, language))


def words_of(title: str) -> set[str]:
    """Returns which of "description", "commentary", "dub" and "original" a title says."""
    plain = re.sub(r"[-_/]+", " ", _plain(title))
    short = {word for token, word in _SHORT.items() if re.search(_whole(token), title)}
    if short >= {"description"} or _begins(_DESCRIPTION, plain):
        return {"description"} | (short & {"dub", "original"})
    found = set(short)
    if _begins(_COMMENTARY, plain) and not re.search(
        rf"\b{_WITHOUT}\s+\w*\s*(?:{_stems(_COMMENTARY)})", plain
    ):
        return found | {"commentary"}
    found |= {"dub"} if _begins(_DUB, plain) else set()
    return found | ({"original"} if _begins(_ORIGINAL, plain) else set())


def label_of(title: str, role: SoundRole, language: Language) -> str:
    """Returns the title without what is said elsewhere: technical words, the language, the role
    alone. The title of a commentary or description is kept whole, for there may be several."""
    spaced = " ".join(
        "".join(" " if unicodedata.category(c)[0] == "C" else c for c in title).split()
    )
    rest = _TECHNICAL.sub(" ", spaced)
    for name in (*names_of(language), str(language)):
        rest = re.sub(rf"(?i)(?<!\w){re.escape(name)}(?!\w)", " ", rest) if name else rest
    said = (
        *_DESCRIPTION,
        *_COMMENTARY,
        *_DUB,
        *_ORIGINAL,
        "version",
        "versione",
        "fassung",
        "audio",
    )
    left = [
        word
        for word in re.findall(r"[\w'’.]+", rest)
        if word not in _SHORT and not _begins(said, _plain(word)) and any(map(str.isalnum, word))
    ]
    if role == "description":
        left = [
            word
            for word in left
            if _plain(word) not in ("description", "descriptive", "for", "the")
        ]
    if not left:
        return ""
    kept = spaced if role != "main" else " ".join(rest.split()).strip(" -–—:,;/|()[]")
    return kept[:_LONGEST].rstrip()


def title_of(stream: Mapping[str, Any]) -> str:
    """Returns the title that a person gave the stream, if any."""
    tags: Mapping[str, Any] = stream.get("tags", {})
    told = [str(tags.get(name, "")).strip() for name in ("title", "handler_name", "name")]
    return next((text for text in told if text and not _BY_PROGRAMS.search(text)), "")


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c)))


def _begins(stems: tuple[str, ...], plain: str) -> bool:
    return bool(re.search(_stems(stems), plain))


def _stems(stems: tuple[str, ...]) -> str:
    """Alphabets: at the beginning of a word. Scripts without spaces: anywhere."""
    parts = (re.escape(_plain(stem)) for stem in stems)
    return "|".join(part if ord(part[-1]) > 0x3000 else rf"\b{part}" for part in parts)


def _whole(token: str) -> str:
    return rf"(?<!\w){re.escape(token)}(?!\w)"
