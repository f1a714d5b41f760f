"""Hints between the processes of one service that something has changed."""

from vitascope.engines.notices.contract import Notices

__all__ = ["Notices"]
