"""Indentation that is ambiguous."""

# ends as: raised
# This file writes the submission: what it tries does not survive an editor.
SOURCE = "if True:\n\tx = 1\n        y = 2\n"
