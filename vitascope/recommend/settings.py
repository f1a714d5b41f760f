"""How recommendation keeps up."""

import msgspec


class RecommendSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Recommendation: what is like what, and the rows of a home page."""

    model_pause_s: float = 1.0
    """For so long after a model was made no other is made. Titles that change meanwhile are
    recommended as they were; whether a viewer may see them is checked at every request."""

    viewing_timeout_s: float = 0.3
    """How long viewing is waited for when a profile is met for the first time."""
