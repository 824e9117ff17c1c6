"""Create empty files forever."""
# ends as: raised|crashed|timeout

import itertools


def double(x):
    for number in itertools.count():
        open(str(number), "w").close()
