"""Use up all descriptors and continue."""
# ends as: failed

hoard = []
try:
    while True:
        hoard.append(open("/dev/null"))
except OSError:
    pass


def double(x):
    return x
