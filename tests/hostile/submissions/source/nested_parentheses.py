"""Source that takes a parser very long."""

# ends as: raised|memory|crashed
# This file writes the submission: what it tries does not survive an editor.
SOURCE = "(" * 5000
