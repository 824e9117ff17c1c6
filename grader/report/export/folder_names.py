"""The names of the folders that a class's files are written into."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Final

from grader.submission.layouts import short_digest

# Windows reserves these names, with any suffix.
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def folder_names(learners: Iterable[str]) -> dict[str, str]:
    """A different folder name for each learner, valid in every file system.

    Anything but letters, digits, spaces and ``.,+@'()-`` becomes ``_``. A digest of the name
    follows if something was replaced, or if another name differs in case alone.
    """
    # Two names with one folded form can be one name to a file system.
    folded = {name: unicodedata.normalize("NFKC", name.casefold()) for name in learners}
    counts = Counter(folded.values())
    names = {}
    for name, like in folded.items():
        safe = re.sub(r"[^\w.,+@' ()-]", "_", name)
        # Windows removes periods and spaces at the end of a name.
        safe = safe[:60].strip(". ")
        # A command reads a name with a hyphen before it as an option.
        safe = re.sub(r"^[-.]", "_", safe)
        is_unique = counts[like] == 1
        if safe == name and is_unique and not _RESERVED.fullmatch(safe):
            names[name] = safe
        else:
            names[name] = f"{safe}~{short_digest(name)}"

    return names
