"""Text with half a character."""
# ends as: failed


def double(x):
    return "\ud800"
