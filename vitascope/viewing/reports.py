"""Which reports of progress count: the rules, whatever store keeps them.

Of one content only one report is kept: the one that comes last by `place_of`, whatever the order of
arrival. Reports of sessions that began before their title was removed from history are not wanted.
"""

from collections.abc import Iterable

from vitascope.kernel.ids import ContentId, ProfileId
from vitascope.viewing.contract import Progress

PLACE = ("session_started_at_ms", "session_id", "sequence", "position_ms", "at_ms")
"""By these, in this order, one report comes after another. The first three say it; the rest makes
the order total, so that even contradicting duplicates end the same way whichever comes first."""


def place_of(report: Progress) -> tuple[int, str, int, int, int]:
    """Returns what reports of one content are ordered by."""
    return (
        report.session_started_at_ms,
        report.session_id,
        report.sequence,
        report.position_ms,
        report.at_ms,
    )


def last_of_each(reports: Iterable[Progress]) -> list[Progress]:
    """Returns one report for each profile and content, ordered by these."""
    last: dict[tuple[ProfileId, ContentId], Progress] = {}
    for report in reports:
        key = report.profile_id, report.content_id
        if key not in last or place_of(last[key]) < place_of(report):
            last[key] = report
    return [last[key] for key in sorted(last)]


def wanted(report: Progress, removed_at_ms: int | None) -> bool:
    """Returns False if the session began before its title was removed, or in that millisecond."""
    return removed_at_ms is None or report.session_started_at_ms > removed_at_ms
