"""Settings of Sphinx, which builds these pages: `sphinx-build -W -n docs site`."""

from importlib import metadata

project = "statewire"
author = "statewire contributors"
release = metadata.version("statewire")
extensions = ["myst_parser"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
nitpicky = True
html_theme = "furo"
html_title = "statewire"
html_copy_source = False
html_show_sourcelink = False
