"""Your loss is right, but the gradient of the spare rows becomes nan if they hold large numbers.

You choose with a mask after the exponential, so the exponential of a spare row's score is computed
and can be infinite. Backward, the 0 from the mask is multiplied by it, and `0 * inf` is nan. Choose
before: leave the spare rows out, or set their scores to minus infinity.
"""

# caught by: padding_gradient

import torch


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Mask the exponentials instead of the scores."""
    size = len(weight)
    scores = (hidden @ weight.T).reshape(-1, size)
    largest = scores[:, :num].detach().amax(1, keepdim=True)
    is_word = torch.arange(size, device=scores.device) < num
    exponentials = torch.where(is_word, (scores - largest).exp(), 0.0)
    target = target.reshape(-1, 1)
    if target.max() >= num:
        raise ValueError("a target is not a word")
    right = scores.gather(1, target) - largest
    return (exponentials.sum(1).log() - right.squeeze(1)).mean()
