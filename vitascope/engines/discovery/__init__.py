"""Where the processes are that run a part of the service."""

from vitascope.engines.discovery.contract import Discovery, Instance, Registry

__all__ = ["Discovery", "Instance", "Registry"]
