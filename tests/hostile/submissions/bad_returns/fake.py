"""A fake tensor, as torch.compile uses it."""
# ends as: failed|timeout

from torch._subclasses import FakeTensorMode


def double(x):
    with FakeTensorMode() as mode:
        return mode.from_tensor(x)
