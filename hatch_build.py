"""Builds the web app into the wheel, so that who installs it needs no node."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent


class WebApp(BuildHookInterface):  # type: ignore[type-arg]
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        sys.path.insert(0, str(ROOT))
        from checkout.web import BUILT, build_web

        build_web(lambda said: self.app.display_info(f"web: {said}"))
        build_data["force_include"][str(BUILT)] = "vitascope/_web"
        for folder in ("titles", "artwork", "media"):
            build_data["force_include"][str(ROOT / "demo" / folder)] = f"vitascope/_demo/{folder}"
