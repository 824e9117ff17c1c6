"""Python imports this module at its start."""

import sys
from pathlib import Path

_FOLDER = str(Path(__file__).parents[1])
sys.path.insert(0, _FOLDER)
import systems  # noqa: E402 - this folder is not in the path before

sys.path.remove(_FOLDER)
systems.look_like("darwin")
