"""From the package's MPD to one session's: its rungs, its edges, its steering, its licence server.

Pure: text in, text out. The package's own MPD (manifest.mpd, as shaka-packager writes it) names
every file relatively, so the edges' base URLs, each with a path token, go at the top; everything
below inherits the token.
"""

import base64
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

from vitascope.playback.contract import EdgeAddress

_MPD = "urn:mpeg:dash:schema:mpd:2011"
_CPS = "https://dashif.org/CPS"
_CLEAR_KEY = "urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e"
_ENCRYPTED = "urn:mpeg:dash:mp4protection:2011"
_CENC = "urn:mpeg:cenc:2013"
_COMMON_SYSTEM = bytes.fromhex("1077efecc0b24d02ace33c1e52e2fb4b")
_SWITCHING = "urn:mpeg:dash:adaptation-set-switching:2016"

for _prefix, _space in {
    "": _MPD,
    "cenc": _CENC,
    "mspr": "urn:microsoft:playready",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "dashif": _CPS,
}.items():
    ET.register_namespace(_prefix, _space)


def session_mpd(
    mpd: str,
    *,
    rungs: Collection[str],
    edges: Sequence[EdgeAddress],
    steering_url: str,
    licence_url: str,
) -> str:
    """Returns a session's MPD. `rungs` are the names of the video renditions granted; sound and
    text stay. `edges` are best first, with base URLs that open the session's files."""
    root = ET.fromstring(mpd)
    for period in root.iter(_tag("Period")):
        _keep_granted(period, rungs)
        adaptations = period.findall(_tag("AdaptationSet"))
        pssh = _common_pssh(adaptations)
        for adaptation in adaptations:
            _name_licence_server(adaptation, licence_url, pssh)
    _name_edges(root, edges, steering_url)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _keep_granted(period: ET.Element, rungs: Collection[str]) -> None:
    for adaptation in period.findall(_tag("AdaptationSet")):
        if adaptation.get("contentType") != "video":
            continue
        for representation in adaptation.findall(_tag("Representation")):
            if _name(representation) not in rungs:
                adaptation.remove(representation)
        left = adaptation.findall(_tag("Representation"))
        if left:
            _tell_largest(adaptation, left)
        else:
            period.remove(adaptation)
    _mend_switching(period)


def _name(representation: ET.Element) -> str:
    """Returns the rendition's name: the stem of its one file."""
    return PurePosixPath(representation.findtext(_tag("BaseURL"), "")).stem


def _tell_largest(adaptation: ET.Element, left: Sequence[ET.Element]) -> None:
    for attribute, largest in (("width", "maxWidth"), ("height", "maxHeight")):
        sizes = [int(r.get(attribute, "0")) for r in left]
        if adaptation.get(largest) is not None and max(sizes) > 0:
            adaptation.set(largest, str(max(sizes)))


def _mend_switching(period: ET.Element) -> None:
    """Adaptation sets name those one may switch to; some of them are gone."""
    there = {a.get("id") for a in period.findall(_tag("AdaptationSet"))}
    for adaptation in period.findall(_tag("AdaptationSet")):
        for each in adaptation.findall(_tag("SupplementalProperty")):
            if each.get("schemeIdUri") != _SWITCHING:
                continue
            left = [name for name in each.get("value", "").split(",") if name in there]
            each.set("value", ",".join(left))
            if not left:
                adaptation.remove(each)


def _name_licence_server(adaptation: ET.Element, licence_url: str, pssh: str) -> None:
    """ClearKey beside whatever the package signals, wherever something is encrypted. The same
    `pssh` everywhere makes one key session of it, and one request for all of its keys."""
    for place, each in enumerate(adaptation):
        if each.get("schemeIdUri") == _ENCRYPTED:
            clear_key = ET.Element(
                _tag("ContentProtection"), {"schemeIdUri": _CLEAR_KEY, "value": "ClearKey1.0"}
            )
            address = ET.SubElement(clear_key, f"{{{_CPS}}}Laurl", {"Lic_type": "EME-1.0"})
            address.text = licence_url
            ET.SubElement(clear_key, f"{{{_CENC}}}pssh").text = pssh
            adaptation.insert(place + 1, clear_key)
            return


def _common_pssh(adaptations: Sequence[ET.Element]) -> str:
    """Returns the W3C common `pssh` box (version 1, no data) with every key id named, as base64."""
    protections = [each for a in adaptations for each in a.findall(_tag("ContentProtection"))]
    named = {each.get(f"{{{_CENC}}}default_KID", "") for each in protections} - {""}
    key_ids = [bytes.fromhex(key_id.replace("-", "")) for key_id in sorted(named)]
    content = b"".join([_COMMON_SYSTEM, len(key_ids).to_bytes(4, "big"), *key_ids, bytes(4)])
    box = b"".join([(12 + len(content)).to_bytes(4, "big"), b"pssh", b"\1\0\0\0", content])
    return base64.b64encode(box).decode()


def _name_edges(root: ET.Element, edges: Sequence[EdgeAddress], steering_url: str) -> None:
    for place, edge in enumerate(edges):
        address = ET.Element(_tag("BaseURL"), {"serviceLocation": edge.edge_id})
        address.text = edge.base_url
        root.insert(place, address)
    steering = ET.Element(
        _tag("ContentSteering"),
        {"defaultServiceLocation": edges[0].edge_id, "queryBeforeStart": "false"},
    )
    steering.text = steering_url
    root.insert(len(edges), steering)


def _tag(name: str) -> str:
    return f"{{{_MPD}}}{name}"
