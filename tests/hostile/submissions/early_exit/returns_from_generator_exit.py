"""Raise GeneratorExit through every `with` block."""
# ends as: raised


def double(x):
    raise GeneratorExit
