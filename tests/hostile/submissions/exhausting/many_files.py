"""Write files of a megabyte forever."""
# ends as: raised|crashed|timeout

import itertools


def double(x):
    for number in itertools.count():
        with open(str(number), "wb") as file:
            file.write(b"x" * (1 << 20))
