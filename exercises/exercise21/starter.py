"""Exercise 21: a step that touches only its rows."""

from torch import Tensor


def sparse_step(weight: Tensor, idx: Tensor, grad_output: Tensor, lr: float) -> None:
    """Move the rows of ``weight`` that were looked up, in place, by one step of plain SGD.

    weight: the table, shape (num, dim).
    idx: the ids that were looked up, an integer tensor of any shape.
    grad_output: the gradient of each looked-up row, shape (*idx.shape, dim).
    lr: the learning rate.
    """
    raise NotImplementedError("write sparse_step here")
