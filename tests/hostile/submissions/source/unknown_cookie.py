"""Source in an encoding that does not exist."""

# ends as: raised
# This file writes the submission: what it tries does not survive an editor.
SOURCE = "# coding: nonsense\n"
