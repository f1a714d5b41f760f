"""Genres: a slug for machines, a name in each language we speak."""

from vitascope.catalog.contract.errors import BadTitle

GENRES: dict[str, dict[str, str]] = {
    "action": {"en": "Action", "fr": "Action"},
    "adventure": {"en": "Adventure", "fr": "Aventure"},
    "animation": {"en": "Animation", "fr": "Animation"},
    "biography": {"en": "Biography", "fr": "Biographie"},
    "comedy": {"en": "Comedy", "fr": "Comédie"},
    "crime": {"en": "Crime", "fr": "Policier"},
    "dance": {"en": "Dance", "fr": "Danse"},
    "disaster": {"en": "Disaster", "fr": "Catastrophe"},
    "documentary": {"en": "Documentary", "fr": "Documentaire"},
    "drama": {"en": "Drama", "fr": "Drame"},
    "erotic": {"en": "Erotic", "fr": "Érotique"},
    "family": {"en": "Family", "fr": "Famille"},
    "fantasy": {"en": "Fantasy", "fr": "Fantastique"},
    "film-noir": {"en": "Film noir", "fr": "Film noir"},
    "found-footage": {"en": "Found footage", "fr": "Found footage"},
    "history": {"en": "History", "fr": "Histoire"},
    "horror": {"en": "Horror", "fr": "Horreur"},
    "independent": {"en": "Independent", "fr": "Indépendant"},
    "legal": {"en": "Courtroom", "fr": "Judiciaire"},
    "live-action": {"en": "Live action", "fr": "Prises de vues réelles"},
    "martial-arts": {"en": "Martial arts", "fr": "Arts martiaux"},
    "music": {"en": "Music", "fr": "Musique"},
    "musical": {"en": "Musical", "fr": "Comédie musicale"},
    "mystery": {"en": "Mystery", "fr": "Mystère"},
    "performance": {"en": "Performance", "fr": "Spectacle"},
    "political": {"en": "Political", "fr": "Politique"},
    "romance": {"en": "Romance", "fr": "Romance"},
    "satire": {"en": "Satire", "fr": "Satire"},
    "science-fiction": {"en": "Science fiction", "fr": "Science-fiction"},
    "short": {"en": "Short film", "fr": "Court métrage"},
    "silent": {"en": "Silent film", "fr": "Film muet"},
    "slasher": {"en": "Slasher", "fr": "Slasher"},
    "sport": {"en": "Sport", "fr": "Sport"},
    "spy": {"en": "Spy", "fr": "Espionnage"},
    "superhero": {"en": "Superhero", "fr": "Super-héros"},
    "supernatural": {"en": "Supernatural", "fr": "Surnaturel"},
    "suspense": {"en": "Suspense", "fr": "Suspense"},
    "teen": {"en": "Teen", "fr": "Adolescence"},
    "thriller": {"en": "Thriller", "fr": "Thriller"},
    "war": {"en": "War", "fr": "Guerre"},
    "western": {"en": "Western", "fr": "Western"},
}


SYNONYMS = {
    "animated": "animation",
    "biographical": "biography",
    "historical": "history",
    "noir": "film-noir",
    "sci-fi": "science-fiction",
    "sports": "sport",
}
"""What other catalogues call some of these."""


def known_genre(word: str) -> str:
    """Returns the slug that a partner's word stands for, or the word as a slug if it is unknown:
    "Science Fiction" and "sci-fi" are science-fiction."""
    slug = "-".join(word.casefold().split())
    return SYNONYMS.get(slug, slug)


def genre_name(slug: str, locale: str) -> str:
    """Returns the name in the locale's language, else in English; an unknown slug is its own
    name."""
    names = GENRES.get(slug, {})
    return names.get(locale.split("-")[0]) or names.get("en") or slug.replace("-", " ").capitalize()


def check_genres(slugs: tuple[str, ...]) -> None:
    """Raises `BadTitle`."""
    unknown = sorted(set(slugs) - GENRES.keys())
    if unknown:
        known = ", ".join(GENRES)
        raise BadTitle(f"There is no genre called {', '.join(unknown)}. Known are: {known}.")
