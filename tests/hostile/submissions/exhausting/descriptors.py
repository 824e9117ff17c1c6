"""Open files forever."""
# ends as: raised

hoard = []


def double(x):
    while True:
        hoard.append(open("/dev/null"))
