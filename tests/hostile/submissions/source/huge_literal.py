"""A literal of a million digits."""

# ends as: failed|raised
# This file writes the submission: what it tries does not survive an editor.
SOURCE = "n = " + "9" * 900_000
