"""The documentation site: ``sphinx-build -W docs build/site``.

Sphinx was chosen because it writes the two references from the code itself: the commands from
Click, the Python API from docstrings. Furo has a dark mode, a search and a layout for phones.
"""

import grader

project = "torch-exercise-grader"
author = "the authors of torch-exercise-grader"
project_copyright = "the authors, MIT License"
release = grader.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",  # sections such as "Arguments:"
    "sphinx_click",
    "sphinx_copybutton",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["*.ipynb", "live"]
# A page of the grader, which is no page of Sphinx.
html_extra_path = ["live"]
# A link to a heading of another page, as GitHub writes it.
myst_heading_anchors = 4
# Prompts and output are not copied.
copybutton_prompt_text = "$ "

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_format = "short"
# The docstrings use Markdown's single backticks for code.
default_role = "literal"

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_title = f"torch-exercise-grader {release}"
html_theme_options = {"sidebar_hide_name": False}
