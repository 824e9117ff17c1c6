"""Loop while it is loaded."""
# ends as: timeout

while True:
    pass


def double(x):
    return x
