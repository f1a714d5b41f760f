"""How much is spent on a title, in three steps."""

from typing import Literal

Effort = Literal["fast", "balanced", "best"]
"""`fast` tries nothing: ladders are predicted. `balanced` tries samples of each film. `best` tries
more of them with slower presets, and adds all formats when the title is live."""
