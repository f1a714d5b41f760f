"""How often an edge reports: seldom while it serves nobody and nothing of it changes."""

import msgspec

from vitascope.steering import EdgeReport


class Pace:
    """Of the reports to one steering process."""

    def __init__(self, quick_s: float, idle_s: float) -> None:
        self.quick_s = quick_s
        self._idle_s = max(quick_s, idle_s)
        self._before: EdgeReport | None = None
        self.pause_s = quick_s

    @property
    def is_quick(self) -> bool:
        return self.pause_s <= self.quick_s

    def promised(self, report: EdgeReport) -> EdgeReport:
        """Returns this report with the time until the next one: twice the time before, as long as
        the edge is idle and all is as it was."""
        at_rest = report == self._before and not report.streams and not report.load_mbps
        self._before = report
        self.pause_s = min(2 * self.pause_s, self._idle_s) if at_rest else self.quick_s
        return msgspec.structs.replace(report, next_s=self.pause_s)

    def hurry(self) -> None:
        """Steering was not reached, or something has begun: the next report is not far."""
        self._before, self.pause_s = None, self.quick_s
