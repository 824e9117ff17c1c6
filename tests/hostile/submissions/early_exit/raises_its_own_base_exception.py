"""Raise an exception that `except Exception` does not catch."""
# ends as: raised


class Quiet(BaseException):
    pass


def double(x):
    raise Quiet
