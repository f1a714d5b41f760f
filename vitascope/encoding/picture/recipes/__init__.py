"""How each format is encoded, one file an encoder."""

from vitascope.encoding.contract.request import EncodingFailed
from vitascope.encoding.picture.recipes.av1 import Av1
from vitascope.encoding.picture.recipes.h264 import H264
from vitascope.encoding.picture.recipes.hevc import Hevc
from vitascope.encoding.picture.recipes.recipe import Recipe
from vitascope.encoding.picture.recipes.vp9 import VP9
from vitascope.encoding.settings import EncodingSettings
from vitascope.kernel.media import H264_SDR, DynamicRange, Format, format_named

_ALL: tuple[Recipe, ...] = (
    *(H264(), VP9()),
    *(Hevc(each) for each in DynamicRange),
    *(Av1(each) for each in DynamicRange),
)
_RECIPES = {recipe.format: recipe for recipe in _ALL}


def recipe_of(format: Format) -> Recipe:
    """Raises `EncodingFailed`."""
    try:
        return _RECIPES[format]
    except KeyError:
        raise EncodingFailed(f"There is no encoder for {format.name}.") from None


def wanted(
    settings: EncodingSettings,
    master: DynamicRange = DynamicRange.SDR,
    formats: tuple[Format, ...] = (),
) -> tuple[Recipe, ...]:
    """Returns the recipes of `formats`; where there are none, those that the settings name for a
    master of this range, in their order: those in SDR first, of which there is always one."""
    if formats:
        return tuple(map(recipe_of, formats))
    named = [format_named(name, master) for name in settings.formats]
    there = [format for format in named if format is not None]
    sdr = [format for format in there if format.dynamic_range is DynamicRange.SDR] or [H264_SDR]
    hdr = [format for format in there if format.dynamic_range is not DynamicRange.SDR]
    return tuple(recipe_of(format) for format in dict.fromkeys([*sdr, *hdr]))
