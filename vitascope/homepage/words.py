"""The headings and reasons of rows, in the languages we speak."""

_WORDS = {
    "en": {
        "continue": "Continue watching",
        "list": "My list",
        "now": "Ready to watch",
        "new": "New on Vitascope",
        "because": "Because you watched {name}",
        "because-liked": "Because you liked {name}",
        "because-reason": "Also {shared}",
        "person": "The films of {name}",
        "soon": "Coming soon",
    },
    "fr": {
        "continue": "Reprendre",
        "list": "Ma liste",
        "now": "À voir tout de suite",
        "new": "Nouveau sur Vitascope",
        "because": "Parce que vous avez regardé {name}",
        "because-liked": "Parce que vous avez aimé {name}",
        "because-reason": "Aussi : {shared}",
        "person": "Les films de {name}",
        "soon": "Bientôt",
    },
}


def say(key: str, locale: str, **fills: str) -> str:
    """Returns a text in the locale's language, else in English."""
    words = _WORDS.get(locale.split("-")[0], _WORDS["en"])
    return words[key].format(**fills)
