"""An expression a hundred thousand attributes deep."""

# ends as: raised|memory|crashed
# This file writes the submission: what it tries does not survive an editor.
SOURCE = "import torch\ny = torch" + ".a" * 100_000
