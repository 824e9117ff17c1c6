"""Loop when it is called."""
# ends as: timeout


def double(x):
    while True:
        pass
