"""Placeholders for packages that a submission imports and that are not available."""

import sys
from typing import Any, Final, NoReturn

BESIDE: Final = "_files_beside_the_submission"
"""The package in which relative imports of a submission find the files beside it."""


class MissingPackageError(ModuleNotFoundError):
    """Code used a package that is not available."""

    def __init__(self, package: str) -> None:
        super().__init__(f"The package `{package}` is not available here", name=package)
        self.package = package


def missing_package(error: ModuleNotFoundError) -> str | None:
    """Return the package that is not there at all, or None if only a module in it is not."""
    name = (error.name or "").removeprefix(f"{BESIDE}.")
    package = name.partition(".")[0]
    if not package or name in sys.modules or package in sys.stdlib_module_names:
        return None
    # A wrong name in a package is the learner's mistake. A package without a file is only a
    # folder that several packages share.
    if getattr(sys.modules.get(package), "__file__", None):
        return None
    return package


class Placeholder:
    """Stands for a package, or for something in it.

    Names in it can be read, as for an annotation. Every other use raises
    ``MissingPackageError``.
    """

    def __init__(self, package: str) -> None:
        self._package = package

    def __getattr__(self, name: str) -> Any:
        # Python looks for special methods in places where it can do without.
        if name.startswith("__"):
            raise AttributeError(name)
        return Placeholder(self._package)

    def __getitem__(self, key: object) -> Any:
        return Placeholder(self._package)

    def __or__(self, other: object) -> Any:
        # In an annotation: ``Array | None``.
        return self

    __ror__ = __or__

    def __instancecheck__(self, instance: object) -> bool:
        return False

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise MissingPackageError(self._package)

    # Only what people do with a package and its results. ``==`` and ``is`` say that it is
    # something else.
    __add__ = __bool__ = __call__ = __contains__ = __delitem__ = __enter__ = _refuse
    __exit__ = __float__ = __floordiv__ = __ge__ = __gt__ = __index__ = _refuse
    __int__ = __invert__ = __iter__ = __le__ = __len__ = __lt__ = __matmul__ = _refuse
    __mod__ = __mro_entries__ = __mul__ = __neg__ = __next__ = __pow__ = _refuse
    __radd__ = __rmul__ = __rsub__ = __rtruediv__ = __setitem__ = __sub__ = _refuse
    __truediv__ = _refuse
