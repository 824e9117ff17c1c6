"""Print escape sequences for the terminal."""
# ends as: failed

print("\x1b[2J\x1b[1;1H\x1b]0;owned\x07All checks passed\x9b31m\u202e\u2066")


def double(x):
    return x
