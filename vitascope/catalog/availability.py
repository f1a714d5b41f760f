"""Who may see a title. The one place: every call that takes a viewer passes through `may_see`."""

from vitascope.catalog.contract import Title
from vitascope.kernel.maturity import KIDS_CEILING, Maturity
from vitascope.kernel.viewer import Viewer


def ceiling(viewer: Viewer) -> Maturity:
    """A kids profile never has more than the kids' ceiling, whatever its own says."""
    return min(viewer.maturity, KIDS_CEILING) if viewer.kids else viewer.maturity


def may_see(title: Title, viewer: Viewer, now_ms: int) -> bool:
    """Neither a draft nor taken down, within the viewer's maturity, in a window of their region."""
    if not title.shown or title.maturity > ceiling(viewer):
        return False
    return any(window.is_open(viewer.region, now_ms) for window in title.windows)
