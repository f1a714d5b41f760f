"""Pages of titles. A page token holds the last place, not a count, so that nothing is shown twice
or missed when titles come and go between two pages."""

from collections.abc import Iterable

from vitascope.catalog.cards import card
from vitascope.catalog.contract import CardPage, Title, TitleKind
from vitascope.kernel.errors import Invalid
from vitascope.kernel.pages import BadPageToken, page_token, place_of

SORTS = ("new", "name", "year")
LARGEST_PAGE = 100

Place = tuple[float, str, str]


def _place(title: Title, sort: str, locale: str) -> Place:
    if sort == "name":
        return 0, title.wording(locale).name.casefold(), title.id
    if sort == "year":
        return -title.year, "", title.id
    when = title.published_at_ms or title.added_at_ms
    return (-when if title.playable else 1e15 - when), "", title.id


def browse(
    titles: Iterable[Title],
    locale: str,
    *,
    genre: str | None,
    kind: TitleKind | None,
    sort: str,
    token: str | None,
    limit: int,
) -> CardPage:
    """A page of `titles`, which are those the viewer may see. Raises `Invalid`, `BadPageToken`."""
    if sort not in SORTS:
        raise Invalid(f"Sort by {', '.join(SORTS)}; there is no {sort!r}.")
    if not 1 <= limit <= LARGEST_PAGE:
        raise Invalid(f"A page holds between 1 and {LARGEST_PAGE} titles.")
    after = _after(token, sort)
    wanted = [
        t for t in titles if (not genre or genre in t.genres) and (not kind or t.kind is kind)
    ]
    placed = sorted(
        ((_place(title, sort, locale), title) for title in wanted), key=lambda found: found[0]
    )
    rest = [(place, title) for place, title in placed if after is None or place > after]
    page = rest[:limit]
    more = page_token((sort, *page[-1][0])) if len(rest) > limit else None
    return CardPage(cards=tuple(card(t, locale) for _, t in page), next_page_token=more)


def _after(token: str | None, sort: str) -> Place | None:
    if token is None:
        return None
    made_for, number, word, title_id = place_of(token, tuple[str, float, str, str])
    if made_for != sort:
        raise BadPageToken("This page token was made for another order. Start again without one.")
    return number, word, title_id
