"""A member of the class."""

import msgspec


class Learner(msgspec.Struct, frozen=True):
    """A member of the class."""

    name: str
    """As in ``Grade.learner``: unique in the class."""
    keys: list[str] = []
    """Names in other systems: the number in a downloaded file's name, an email address."""
    person: str = ""
    """The full name, as the roster writes it; this and the rest are empty without a roster."""
    email: str = ""
    section: str = ""
    partners: list[str] = []
    """The names of the learners who hand in together with this one."""

    @property
    def is_listed(self) -> bool:
        """Whether a roster says more than the name."""
        return bool(self.person or self.email or self.section or self.partners)
