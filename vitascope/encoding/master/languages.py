"""Languages as masters tell them (ISO 639-2, English names, nothing) into BCP 47."""

import re

from vitascope.kernel.media import Language

UNKNOWN = Language("und")

_SHORT = {
    **{"ara": "ar", "ben": "bn", "bul": "bg", "cat": "ca", "ces": "cs", "cze": "cs", "chi": "zh"},
    **{"zho": "zh", "dan": "da", "deu": "de", "ger": "de", "ell": "el", "gre": "el", "eng": "en"},
    **{"spa": "es", "est": "et", "eus": "eu", "baq": "eu", "fas": "fa", "per": "fa", "fin": "fi"},
    **{"fra": "fr", "fre": "fr", "gle": "ga", "glg": "gl", "heb": "he", "hin": "hi", "hrv": "hr"},
    **{"hun": "hu", "hye": "hy", "arm": "hy", "ind": "id", "isl": "is", "ice": "is", "ita": "it"},
    **{"jpn": "ja", "kat": "ka", "geo": "ka", "kor": "ko", "lav": "lv", "lit": "lt", "mkd": "mk"},
    **{"mac": "mk", "msa": "ms", "may": "ms", "nld": "nl", "dut": "nl", "nor": "no", "nob": "nb"},
    **{"nno": "nn", "pol": "pl", "por": "pt", "ron": "ro", "rum": "ro", "rus": "ru", "slk": "sk"},
    **{"slo": "sk", "slv": "sl", "sqi": "sq", "alb": "sq", "srp": "sr", "swe": "sv", "tam": "ta"},
    **{"tel": "te", "tha": "th", "tur": "tr", "ukr": "uk", "urd": "ur", "vie": "vi", "cym": "cy"},
    **{"wel": "cy", "afr": "af", "mar": "mr", "mal": "ml", "kan": "kn", "pan": "pa", "swa": "sw"},
}
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def language_of(told: str | None) -> Language:
    """`eng` and `en` are `en`, `pt_BR` is `pt-BR`; what is no language at all is `und`."""
    words = (told or "").strip().replace("_", "-")
    head, dash, rest = words.partition("-")
    tag = _SHORT.get(head.lower(), head.lower()) + dash + rest
    return Language(tag) if _TAG.fullmatch(tag) and head.lower() != "qaa" else UNKNOWN
