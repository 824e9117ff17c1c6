"""An object that raises when it is converted to text."""
# ends as: failed


class Rude:
    def __repr__(self):
        raise SystemExit(0)

    __str__ = __format__ = __hash__ = __bool__ = __len__ = __iter__ = __repr__


def double(x):
    return Rude()
