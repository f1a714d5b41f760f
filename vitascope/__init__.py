"""Vitascope: a video-on-demand streaming service that anyone can run."""

__version__ = "0.1.0"
