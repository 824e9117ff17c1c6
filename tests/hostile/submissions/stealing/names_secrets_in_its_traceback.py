"""Raise in code that claims to be in the files of others, whose lines a traceback would show."""
# ends as: raised

import os


def raising(file, then):
    source = "def f(then):\n    then()\n"
    namespace = {}
    exec(compile(source, file, "exec"), namespace)
    return lambda: namespace["f"](then)


def fail():
    raise ValueError("here")


def double(x):
    inner = raising("@SHARED@/secret", fail)
    inner = raising("@COURSE@/solutions/target/checks.py", inner)
    raising(os.path.join(os.getcwd(), "../../../../@SHARED@/secret"), inner)()
