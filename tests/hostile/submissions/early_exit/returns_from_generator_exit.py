"""Raise GeneratorExit through every `with` on the way."""
# ends as: raised


def double(x):
    raise GeneratorExit
