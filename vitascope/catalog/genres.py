"""Genres: a slug for machines, a name in each language we speak."""

from vitascope.catalog.contract import BadTitle

GENRES: dict[str, dict[str, str]] = {
    "action": {"en": "Action", "fr": "Action"},
    "adventure": {"en": "Adventure", "fr": "Aventure"},
    "animation": {"en": "Animation", "fr": "Animation"},
    "comedy": {"en": "Comedy", "fr": "Comédie"},
    "crime": {"en": "Crime", "fr": "Policier"},
    "documentary": {"en": "Documentary", "fr": "Documentaire"},
    "drama": {"en": "Drama", "fr": "Drame"},
    "family": {"en": "Family", "fr": "Famille"},
    "fantasy": {"en": "Fantasy", "fr": "Fantastique"},
    "history": {"en": "History", "fr": "Histoire"},
    "horror": {"en": "Horror", "fr": "Horreur"},
    "music": {"en": "Music", "fr": "Musique"},
    "romance": {"en": "Romance", "fr": "Romance"},
    "science-fiction": {"en": "Science fiction", "fr": "Science-fiction"},
    "sport": {"en": "Sport", "fr": "Sport"},
    "thriller": {"en": "Thriller", "fr": "Thriller"},
    "war": {"en": "War", "fr": "Guerre"},
    "western": {"en": "Western", "fr": "Western"},
}


def genre_name(slug: str, locale: str) -> str:
    """In the locale's language, else in English; an unknown slug is its own name."""
    names = GENRES.get(slug, {})
    return names.get(locale.split("-")[0]) or names.get("en") or slug.replace("-", " ").capitalize()


def check_genres(slugs: tuple[str, ...]) -> None:
    """Raises `BadTitle`."""
    unknown = sorted(set(slugs) - GENRES.keys())
    if unknown:
        known = ", ".join(GENRES)
        raise BadTitle(f"There is no genre called {', '.join(unknown)}. Known are: {known}.")
