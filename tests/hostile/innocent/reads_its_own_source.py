"""Read its own source file."""

import inspect


def double(x):
    assert "double" in inspect.getsource(double)
    with open(__file__) as file:
        assert "double" in file.read()
    return x * 2
