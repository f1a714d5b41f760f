"""From which age a title may be watched, and what a profile may see."""

import enum


class Maturity(enum.IntEnum):
    """A title's level, and a profile's ceiling: a profile sees what is at or below its own."""

    ALL = 0
    SEVEN = 7
    THIRTEEN = 13
    SIXTEEN = 16
    EIGHTEEN = 18


KIDS_CEILING = Maturity.SEVEN
