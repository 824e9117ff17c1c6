"""Source with a NUL byte."""

# ends as: refused
# This file writes the submission: what it tries does not survive an editor.
SOURCE = "x = 1\0\n"
