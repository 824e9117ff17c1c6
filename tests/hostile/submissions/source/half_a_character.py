"""Source that is not UTF-8."""

# ends as: raised
# This file writes the submission: what it tries does not survive an editor.
SOURCE = b"s = '\xff\xfe'\n"
