"""The headings and reasons of rows, in the languages we speak."""

_WORDS = {
    "en": {
        "continue": "Continue watching",
        "list": "My list",
        "now": "Ready to watch",
        "new": "New on Vitascope",
        "because": "Because you watched {name}",
        "because-reason": "Also {shared}",
        "person": "The films of {name}",
    },
    "fr": {
        "continue": "Reprendre",
        "list": "Ma liste",
        "now": "À voir tout de suite",
        "new": "Nouveau sur Vitascope",
        "because": "Parce que vous avez regardé {name}",
        "because-reason": "Aussi : {shared}",
        "person": "Les films de {name}",
    },
}


def say(key: str, locale: str, **fills: str) -> str:
    """Returns a text in the locale's language, else in English."""
    words = _WORDS.get(locale.split("-")[0], _WORDS["en"])
    return words[key].format(**fills)
