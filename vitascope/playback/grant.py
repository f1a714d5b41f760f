"""Grants: what may be played, for whom, until when, with which keys and rungs.

A cap is kept thrice, so that knowing a file's name is no help: rungs above it are not in the
manifest, path tokens do not open them at an edge, and where a whole class of pictures is above it,
its content key is withheld. What is not protected has no keys: there the first two keep it.
"""

import msgspec

from vitascope.billing import Plan
from vitascope.catalog import Asset, Playable
from vitascope.kernel.ids import AccountId, ContentId, DeviceId, ProfileId, SessionId, TitleId
from vitascope.kernel.media import DynamicRange, KeyLabel, Rung
from vitascope.kernel.viewer import Viewer
from vitascope.licensing import LicencePolicy
from vitascope.playback.contract import Capabilities, DeviceUnsupported


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What one viewer may play on one device. It stays as it was given.

    It does not say what keeps it alive: a session holds its grant by a lease on one of the
    account's streams, and nothing here knows of leases. Nobody holds one beyond `until_ms`.
    """

    account_id: AccountId
    profile_id: ProfileId
    device_id: DeviceId
    content_id: ContentId
    title_id: TitleId
    asset: Asset
    labels: tuple[KeyLabel, ...]  # of the keys
    rungs: tuple[str, ...]  # names
    until_ms: int
    preview: bool = False  # for its partner: neither plan nor windows count

    @property
    def prefix(self) -> str:
        """Returns what a path token opens, and what edges and steering call the asset's version."""
        return prefix_of(self.asset)

    @property
    def ladder(self) -> tuple[Rung, ...]:
        """Returns the rungs granted."""
        return tuple(rung for rung in self.asset.ladder if rung.name in self.rungs)

    @property
    def lines(self) -> int | None:
        """Returns the height of the largest pictures granted; None where that is all there are."""
        largest = max(rung.height for rung in self.ladder)
        return largest if any(rung.height > largest for rung in self.asset.ladder) else None

    def covers(self, rendition: str) -> bool:
        """Returns True for sound, subtitles and the rungs granted."""
        video = {rung.name for rung in self.asset.ladder}
        return rendition not in video or rendition in self.rungs

    def is_of(self, viewer: Viewer) -> bool:
        mine = (self.account_id, self.profile_id, self.device_id)
        return mine == (viewer.account_id, viewer.profile_id, viewer.device_id)

    def policy(self, session_id: SessionId, held_until_ms: int) -> LicencePolicy:
        """Returns what a licence may open, for whoever holds the grant until then."""
        return LicencePolicy(
            session_id=session_id,
            content_id=self.content_id,
            asset_id=self.asset.id,
            labels=self.labels,
            expires_at_ms=min(held_until_ms, self.until_ms),
        )


def grant(
    playable: Playable,
    viewer: Viewer,
    plan: Plan,
    device: Capabilities,
    *,
    software_max: int,
    until_ms: int,
    preview: bool = False,
) -> Grant:
    """Plan and device decide: the pure rule. `software_max` is the highest picture without a secure
    decoder. Raises `DeviceUnsupported` when no rung is left."""
    rungs = _allowed(playable.asset, plan, device, software_max)
    if not rungs:
        raise DeviceUnsupported(
            "This title is not available in a form that this device can play under your plan."
        )
    return Grant(
        account_id=viewer.account_id,
        profile_id=viewer.profile_id,
        device_id=viewer.device_id,
        content_id=playable.content_id,
        title_id=playable.title_id,
        asset=playable.asset,
        labels=_labels(rungs, playable.asset),
        rungs=tuple(rung.name for rung in rungs),
        until_ms=until_ms,
        preview=preview,
    )


def prefix_of(asset: Asset) -> str:
    return f"{asset.id}/{asset.version}"


def _allowed(asset: Asset, plan: Plan, device: Capabilities, software_max: int) -> list[Rung]:
    ceiling = min(plan.max_height, device.max_height)
    if not asset.is_protected:
        return [r for r in asset.ladder if _can_show(r, device) and r.height <= ceiling]
    if not device.secure_decoder:
        ceiling = min(ceiling, software_max)
    able = [rung for rung in asset.ladder if _can_show(rung, device)]
    held = asset.key_ids
    return [r for r in able if r.height <= ceiling and r.key_label_in(held) in plan.key_labels]


def _can_show(rung: Rung, device: Capabilities) -> bool:
    if rung.codec not in device.codecs or (rung.bit_depth > 8 and rung.codec not in device.ten_bit):
        return False
    return device.hdr or rung.dynamic_range is DynamicRange.SDR


def _labels(rungs: list[Rung], asset: Asset) -> tuple[KeyLabel, ...]:
    wanted = {KeyLabel.AUDIO, *(rung.key_label_in(asset.key_ids) for rung in rungs)}
    return tuple(label for label in KeyLabel if label in wanted and label in asset.key_ids)
