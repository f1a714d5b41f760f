"""How each format is encoded, one file an encoder."""

from vitascope.encoding.contract.request import EncodingFailed
from vitascope.encoding.picture.recipes.av1 import Av1
from vitascope.encoding.picture.recipes.h264 import H264
from vitascope.encoding.picture.recipes.hevc import Hevc
from vitascope.encoding.picture.recipes.recipe import Recipe
from vitascope.encoding.picture.recipes.vp9 import VP9
from vitascope.encoding.settings import EncodingSettings
from vitascope.kernel.media import H264_SDR, Codec, Format

_RECIPES: dict[Format, Recipe] = {
    recipe.format: recipe for recipe in (H264(), VP9(), Hevc(), Av1())
}


def recipe_of(format: Format) -> Recipe:
    """Raises `EncodingFailed`."""
    try:
        return _RECIPES[format]
    except KeyError:
        raise EncodingFailed(f"There is no encoder for {format.name}.") from None


def wanted(settings: EncodingSettings, formats: tuple[Format, ...] = ()) -> tuple[Recipe, ...]:
    """Returns the recipes of `formats`; where there are none, those that the settings name, in
    their order."""
    if formats:
        return tuple(map(recipe_of, formats))
    named = tuple(recipe_of(Format(Codec(codec))) for codec in settings.formats)
    return named or (recipe_of(H264_SDR),)
