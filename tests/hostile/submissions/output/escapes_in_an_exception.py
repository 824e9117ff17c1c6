"""Raise with escape sequences for the terminal."""
# ends as: raised


def double(x):
    raise ValueError("\x1b[2J\x1b]8;;http://example.org\x07click\u202e")
