"""A list whose iteration never ends."""
# ends as: failed


class Liar(list):
    def __iter__(self):
        while True:
            yield 1

    def __len__(self):
        return 3


def double(x):
    return Liar([1, 2, 3])
