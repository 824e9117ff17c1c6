"""Define dataclasses, enums and generics, and pickle them."""

import dataclasses
import enum
import pickle
import typing


class Way(enum.Enum):
    UP = 1


@dataclasses.dataclass
class Step(typing.Generic[typing.TypeVar("T")]):
    way: Way = Way.UP


assert pickle.loads(pickle.dumps(Step())) == Step()


def double(x):
    return x * 2
