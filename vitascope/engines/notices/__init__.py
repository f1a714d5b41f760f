"""Hints between the processes of one service that something has changed."""

from vitascope.engines.notices.contract import Notices
from vitascope.engines.notices.topic_listener import Pauses, TopicListener

__all__ = ["Notices", "Pauses", "TopicListener"]
