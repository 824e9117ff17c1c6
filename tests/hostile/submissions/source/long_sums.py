"""An expression of a hundred thousand terms."""

# ends as: raised|memory|crashed
# This file writes the submission: what it tries does not survive an editor.
SOURCE = "y = " + "+".join(["1"] * 100_000)
