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
