"""Raise an exception that claims to be another one."""
# ends as: raised


class AssertionError(Exception):  # noqa: A001
    __module__ = "builtins"
    __class__ = property(lambda self: 1 / 0)

    def __str__(self):
        raise SystemExit(0)


def double(x):
    raise AssertionError
