"""Letters to people."""

from typing import Protocol


class Mail(Protocol):
    """Safe to share between tasks."""

    async def send(self, to: str, subject: str, text: str) -> None:
        """Hand a letter to the mail server. Raises `Unavailable` when it does not take it."""
        ...
