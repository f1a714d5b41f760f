"""The origin: the files of every published version of an asset, for edges to pull. It answers only
edges, and only for titles that were not taken down."""

from vitascope.origin.contract import Content, NoSuchPackage, OriginRangeRefused

__all__ = [
    "Content",
    "NoSuchPackage",
    "OriginRangeRefused",
]
