"""From the package's playlists to one session's. Pure: text in, text out.

The multivariant playlist names every granted variant once per pathway (an edge each), so that
content steering can move a player. Media playlists name files by absolute address on their edge
and the one content key that opens them, as raw bytes from the licence service: that is what plays
with ClearKey (FACTS), and it replaces what the packager wrote, which names one key for all.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import PurePosixPath

_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)')
_GROUPS = ("AUDIO", "SUBTITLES", "GROUP-ID")

Attributes = dict[str, str]  # values as written, quotes included


def session_multivariant(
    playlist: str,
    *,
    rungs: Collection[str],
    pathways: Sequence[str],
    media_url: Callable[[str, str], str],
    steering_url: str | None,
) -> str:
    """Returns a session's multivariant playlist. `media_url(pathway, rendition)` is the address of
    a media playlist. Without a `steering_url` there is one pathway, unnamed."""
    entries = list(_entries(playlist, rungs))
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if steering_url is not None:
        lines.append(
            f'#EXT-X-CONTENT-STEERING:SERVER-URI="{steering_url}",PATHWAY-ID="{pathways[0]}"'
        )
    for pathway in pathways:
        for tag, attributes, uri in entries:
            lines += _on_pathway(tag, attributes, uri, pathway, media_url, steering_url is not None)
    return "\n".join(lines) + "\n"


def session_media(playlist: str, *, file_url: Callable[[str], str], key_url: str | None) -> str:
    """Returns one rendition's playlist, its files at `file_url(name)`, opened by the key at
    `key_url`."""
    lines: list[str] = []
    keyed = False
    for line in playlist.splitlines():
        if line.startswith("#EXT-X-KEY:"):
            if not keyed and key_url is not None:
                lines.append(_key(attributes_of(line), key_url))
            keyed = True
        elif line.startswith("#EXT-X-MAP:"):
            attributes = attributes_of(line)
            attributes["URI"] = f'"{file_url(_bare(attributes["URI"]))}"'
            lines.append(_written("#EXT-X-MAP", attributes))
        elif line and not line.startswith("#"):
            lines.append(file_url(line))
        elif not line.startswith("## "):
            lines.append(line)
    return "\n".join(lines) + "\n"


def attributes_of(line: str) -> Attributes:
    return dict(_ATTRIBUTE.findall(line.partition(":")[2]))


def _entries(playlist: str, rungs: Collection[str]) -> Iterator[tuple[str, Attributes, str | None]]:
    """Tags that name a rendition, those of video that was not granted left out."""
    lines = iter(playlist.splitlines())
    for line in lines:
        tag = line.partition(":")[0]
        if tag == "#EXT-X-STREAM-INF":
            uri = next(lines)
            if PurePosixPath(uri).stem in rungs:
                yield tag, attributes_of(line), uri
        elif tag == "#EXT-X-MEDIA":
            yield tag, attributes_of(line), None


def _on_pathway(
    tag: str,
    attributes: Attributes,
    uri: str | None,
    pathway: str,
    media_url: Callable[[str, str], str],
    named: bool,
) -> Iterable[str]:
    """Groups get the pathway's name, because renditions of a group belong to one pathway."""
    own = dict(attributes)
    for group in _GROUPS:
        if named and group in own:
            own[group] = f'"{_bare(own[group])}-{pathway}"'
    if uri is None:
        if "URI" in own:
            own["URI"] = f'"{media_url(pathway, PurePosixPath(_bare(own["URI"])).stem)}"'
        return [_written(tag, own)]
    if named:
        own["PATHWAY-ID"] = f'"{pathway}"'
    return [_written(tag, own), media_url(pathway, PurePosixPath(uri).stem)]


def _key(packaged: Attributes, key_url: str) -> str:
    """The method and the constant IV stay as packaged; the key comes from us."""
    attributes = {"METHOD": packaged["METHOD"], "URI": f'"{key_url}"'}
    if "IV" in packaged:
        attributes["IV"] = packaged["IV"]
    attributes["KEYFORMAT"] = '"identity"'
    return _written("#EXT-X-KEY", attributes)


def _written(tag: str, attributes: Attributes) -> str:
    return f"{tag}:" + ",".join(f"{name}={value}" for name, value in attributes.items())


def _bare(value: str) -> str:
    return value.strip('"')
