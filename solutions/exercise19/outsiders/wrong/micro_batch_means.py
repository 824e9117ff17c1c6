# fails: loss: takes the mean of the means of 2,048 targets each, so the last, smaller batch counts too much
import torch
import torch.nn.functional as F
from torch import Tensor

MICRO_BATCH = 2048


def padded_size(num: int, multiple: int) -> int:
    return num + -num % multiple


def padded_loss(hidden: Tensor, weight: Tensor, target: Tensor, num: int) -> Tensor:
    """Accumulate over micro-batches like the old Trainer: loss / gradient_accumulation_steps."""
    ids = target.reshape(-1)
    vectors = hidden.reshape(ids.numel(), weight.shape[1])
    words = weight.narrow(0, 0, num)
    steps = -(-ids.numel() // MICRO_BATCH)
    total = 0.0
    for x, y in zip(vectors.split(MICRO_BATCH), ids.split(MICRO_BATCH)):
        total = total + F.cross_entropy(x @ words.t(), y) / steps
    return total
