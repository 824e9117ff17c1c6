"""Call itself without end."""
# ends as: raised


def double(x):
    return double(x)
