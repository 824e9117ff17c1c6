"""Read a world-readable file in another folder."""
# ends as: failed

try:
    with open("@SHARED@/secret") as file:
        print("BREACH", file.read())
except OSError:
    pass


def double(x):
    return x
