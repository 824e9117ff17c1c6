"""Text with a lone surrogate."""
# ends as: failed


def double(x):
    return "\ud800"
