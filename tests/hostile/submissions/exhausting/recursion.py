"""Call itself forever."""
# ends as: raised


def double(x):
    return double(x)
