"""You change the input itself: whoever passed it still needs it. MARKER-IN-WRONG"""


def double(x):
    return x.mul_(2)
