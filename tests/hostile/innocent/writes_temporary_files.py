"""Write and read temporary files and folders."""

import os
import tempfile

with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, "notes"), "w") as file:
        file.write("two")
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.write(b"two")


def double(x):
    return x * 2
