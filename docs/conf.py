"""The documentation site: ``sphinx-build docs docs/_build``."""

project = "MTUS reasoner"
author = "The MTUS reasoner developers"
extensions = ["myst_parser"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "examples", "schema", "guidelines"]
html_theme = "furo"
html_title = "MTUS reasoner"
