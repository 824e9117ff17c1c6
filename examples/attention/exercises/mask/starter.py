"""A causal mask."""

from torch import Tensor


def causal_weights(scores: Tensor) -> Tensor:
    """Return the weights of attention for ``scores``, with weight 0 for later keys."""
    raise NotImplementedError("write causal_weights here")
