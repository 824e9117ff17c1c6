"""Copy, move, compress and remove its own files."""

import os
import shutil
import zipfile

with open("a", "w") as file:
    file.write("a")
shutil.copy2("a", "b")
shutil.copytree(".", "../" + os.path.basename(os.getcwd()) + "/tree", ignore=lambda *_: ["tree"])
with zipfile.ZipFile("c.zip", "w") as archive:
    archive.write("b")
with zipfile.ZipFile("c.zip") as archive:
    archive.extractall("d")
shutil.move("d/b", "e")
os.chmod("e", 0o600)
os.utime("e")
shutil.rmtree("tree")


def double(x):
    return x * 2
