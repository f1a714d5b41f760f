"""What is like what, and what a profile would like next."""

from vitascope.recommend.contract import (
    Liking,
    Recommend,
    Similar,
    TitleTraits,
)

__all__ = [
    "Liking",
    "Recommend",
    "Similar",
    "TitleTraits",
]
