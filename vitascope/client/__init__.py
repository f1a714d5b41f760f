"""The public Python client: what a partner or a viewer can do over the API, typed. The command line
uses it. docs/how-to/python-client.md shows how."""

from vitascope.client.api import Client
from vitascope.client.events import DeadEvent, Replay, Replayed
from vitascope.client.http import Refused, ServerUnreachable

__all__ = ["Client", "DeadEvent", "Refused", "Replay", "Replayed", "ServerUnreachable"]
