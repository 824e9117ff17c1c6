"""An object whose class runs code when somebody reads its name."""
# ends as: failed|raised|crashed


class Meta(type):
    @property
    def __name__(cls):
        raise SystemExit(0)

    @property
    def __module__(cls):
        raise SystemExit(0)


class Odd(metaclass=Meta):
    pass


def double(x):
    return Odd()
