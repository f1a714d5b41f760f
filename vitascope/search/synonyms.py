"""Words that people type for what the catalogue calls otherwise."""

from vitascope.engines.text import fold

_SYNONYMS = {
    "sci fi": "science fiction",
    "scifi": "science fiction",
    "sf": "science fiction",
    "cartoon": "animation",
    "cartoons": "animation",
    "dessin anime": "animation",
    "movie": "film",
    "scary": "horror",
    "funny": "comedy",
    "kids": "family",
    "enfants": "famille",
    "docu": "documentary",
    "noir": "film noir",
    "whodunit": "crime",
    "cowboy": "western",
    "love": "romance",
    "musical": "music",
}


def readings(query: str) -> list[str]:
    """Returns the query as typed, and as the catalogue would say it where that differs."""
    folded = fold(query)
    other = _SYNONYMS.get(folded)
    return [folded, other] if other else [folded]
