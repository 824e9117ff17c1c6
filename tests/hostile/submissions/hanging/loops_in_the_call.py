"""Loop in the call."""
# ends as: timeout


def double(x):
    while True:
        pass
