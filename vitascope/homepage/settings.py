"""How the home page is put together."""

import msgspec

from vitascope.engines.cache import HOME


class HomepageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The home page. What it asks of others it can do without."""

    timeout_s: float = 0.5
    """How long catalog, viewing, search and recommendation are each waited for before the page is
    answered without them."""

    fresh_s: float = HOME.soft_s
    """For so long the prepared rows of a profile are served as they are; live signals are joined
    to them at every request."""

    kept_s: float = HOME.hard_s
    """For so long prepared rows may be served while newer ones cannot be made."""

    degraded_fresh_s: float = 10.0
    """For so long rows that were prepared without one of the others are served."""

    rows_per_page: int = 8
    """Rows in one answer; more follow by `page_token`."""

    rows: int = 40
    """Rows that are prepared, all pages together."""

    row_limit: int = 75
    """Titles in a row, all pages together."""

    row_floor: int = 3
    """A genre, a person or a neighbourhood with fewer titles gets no row."""

    top_tiles: int = 6
    """Of these first tiles of a row, a title already seen there in an earlier row is moved back;
    and they are kept for when the catalogue does not answer."""
