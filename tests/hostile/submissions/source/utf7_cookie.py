"""Source with an encoding that hides code."""

# ends as: raised
# This file writes the submission: what it tries does not survive an editor.
SOURCE = "# coding: utf-7\n+AG8-s\n"
