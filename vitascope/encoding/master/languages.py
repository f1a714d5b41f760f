"""Languages as masters tell them (ISO 639-2, `pt_BR`, nothing) into BCP 47."""

from vitascope.kernel.media import Language

UNKNOWN = Language("und")


def language_of(told: str | None) -> Language:
    """Returns a BCP 47 code: `en` for `eng` and `en`, `pt-BR` for `pt_BR`, `und` for what is no
    language."""
    # Slow to import, and needed once a film: a worker starts without it.
    import langcodes

    try:
        tag = langcodes.standardize_tag((told or "").strip())
    except ValueError:
        return UNKNOWN
    known = langcodes.tag_is_valid(tag) and not "qaa" <= tag[:3] <= "qtz"  # for private use
    return Language(tag) if known else UNKNOWN


_NAMES = {
    **{"ar": "Arabic العربية", "bg": "Bulgarian Български", "ca": "Catalan Català"},
    **{"cs": "Czech Čeština", "da": "Danish Dansk", "de": "German Deutsch", "el": "Greek Ελληνικά"},
    **{"en": "English English", "es": "Spanish Español", "et": "Estonian Eesti"},
    **{"eu": "Basque Euskara", "fa": "Persian فارسی", "fi": "Finnish Suomi"},
    **{"fr": "French Français", "ga": "Irish Gaeilge", "gl": "Galician Galego"},
    **{"he": "Hebrew עברית", "hi": "Hindi हिन्दी", "hr": "Croatian Hrvatski"},
    **{"hu": "Hungarian Magyar", "id": "Indonesian Indonesia", "is": "Icelandic Íslenska"},
    **{"it": "Italian Italiano", "ja": "Japanese 日本語", "ko": "Korean 한국어"},
    **{"lt": "Lithuanian Lietuvių", "lv": "Latvian Latviešu", "ms": "Malay Melayu"},
    **{"nb": "Norwegian Norsk", "nl": "Dutch Nederlands", "no": "Norwegian Norsk"},
    **{"pl": "Polish Polski", "pt": "Portuguese Português", "ro": "Romanian Română"},
    **{"ru": "Russian Русский", "sk": "Slovak Slovenčina", "sl": "Slovenian Slovenščina"},
    **{"sr": "Serbian Српски", "sv": "Swedish Svenska", "th": "Thai ไทย", "tr": "Turkish Türkçe"},
    **{"uk": "Ukrainian Українська", "vi": "Vietnamese Việt", "zh": "Chinese 中文"},
}


def names_of(language: Language) -> tuple[str, ...]:
    """Returns a language's name in English and in itself; nothing for one that is not among the
    usual ones."""
    return tuple(_NAMES.get(language.partition("-")[0].lower(), "").split())


def audio_in(language: Language, stream: int | None = None) -> str:
    """Returns what a sentence about a sound track begins with: "The French audio (stream 1)"."""
    where = "" if stream is None else f" (stream {stream})"
    if language == UNKNOWN:
        return f"The audio{where}"
    names = names_of(language)
    is_plain = bool(names) and "-" not in language
    return f"The {names[0]} audio{where}" if is_plain else f"The audio in '{language}'{where}"
