"""A constant that the compiler folds."""

# ends as: raised|memory|timeout
# This file writes the submission: what it tries does not survive an editor.
SOURCE = "n = ((1 << 100_000) ** 100) ** 100"
