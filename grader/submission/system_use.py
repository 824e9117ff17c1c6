"""Names in a submission's code that reach out of the sandbox, for the instructor to look at.

This reads the text and parses nothing. It is no verdict and no protection: a comment can name
such a function, and code can hide one. The sandbox blocks all of them.
"""

import re
from typing import Final

_MOST: Final = 3
"""Names in one notice."""
_NAMES: Final = re.compile(
    rb"""\b(
        os\.(?:system|popen|exec[lv]\w*|spawn\w+|posix_spawn\w*|fork\w*|kill\w*)
      | os\.(?:remove|unlink|rmdir|removedirs|chmod|chown|symlink)
      | shutil\.(?:rmtree|move)
      | subprocess\.\w+ | pty\.\w+
      | socket\.\w+ | urllib\.request\.\w+ | requests\.(?:get|post)
      | ctypes\.\w+ | mmap\.\w+
      | sys\._getframe | gc\.get_objects
    )""",
    re.VERBOSE,
)
_IMPORTS: Final = re.compile(
    rb"^[ \t]*(?:from|import)[ \t]+(subprocess|socket|ctypes|pty|urllib\.request|requests)\b",
    re.MULTILINE,
)
_PATHS: Final = re.compile(rb"[\"'](/(?:etc|proc|root|home|sys|dev|var)/[^\"'\n]{1,60})[\"']")


def system_use(source: bytes) -> list[str]:
    """The first names that reach out of the sandbox, as the code writes them; usually none."""
    found = []
    for pattern in (_NAMES, _PATHS, _IMPORTS):
        found += pattern.findall(source)

    different = list(dict.fromkeys(found))
    return [name.decode("utf-8", "replace") for name in different[:_MOST]]
