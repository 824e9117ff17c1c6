"""Exercise 8: one training step."""

from torch import Tensor


def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    """Take one step of SGD on the mean squared error of the looked-up rows.

    weight: the table, shape (num, dim).
    idx: the ids to look up, an integer tensor of any shape.
    target: the values that the rows should have, shape (*idx.shape, dim).
    lr: the learning rate.

    Returns the weight after the step and the loss before the step.
    """
    raise NotImplementedError("write train_step here")
