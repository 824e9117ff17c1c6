"""List its folder and change to another."""

import glob
import os
import pathlib

assert glob.glob("*.py") == ["target.py"]
assert [names for _, _, names in os.walk(".")] == [["target.py"]]
os.mkdir("inner")
os.chdir("inner")
assert pathlib.Path("..").resolve() == pathlib.Path(__file__).parent


def double(x):
    return x * 2
