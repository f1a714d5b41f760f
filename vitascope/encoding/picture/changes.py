"""Which pictures differ from the one before, by a small grey copy of each.

Counting them tells if pictures were lost on the way from a master to what viewers see, and does so
without the plan by which frames were chosen: the score against a reference that was read by the
same plan is high when both are wrong.
"""

import re

import msgspec

PRINTED = "signalstats,metadata=print:key=lavfi.signalstats.YDIF"
WATCHED = f"scale=64:36:flags=area,format=gray,{PRINTED}:file=-"  # on stdout
CLEAR = 1.0  # mean difference of grey, of 255, in a master
SEEN = 0.3  # what is left of it, at least, after it was encoded; encoders make less of their own
_PRINTED = re.compile(rb"pts_time:(\S+)\s+lavfi\.signalstats\.YDIF=(\S+)")


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """Of every picture that was decoded: its time in seconds, and its mean difference from the one
    before, from 0 to 255."""

    times: tuple[float, ...] = ()
    differences: tuple[float, ...] = ()

    def above(self, least: float) -> int:
        return sum(each > least for each in self.differences)


def read_changes(printed: bytes) -> Changes:
    """Returns what the filter `WATCHED` printed."""
    found = [(float(time), float(by)) for time, by in _PRINTED.findall(printed)]
    return Changes(times=tuple(t for t, _ in found), differences=tuple(d for _, d in found))
