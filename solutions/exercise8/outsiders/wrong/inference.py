# fails: several_steps: computes in inference_mode; new_weight is an inference tensor, which cannot be trained further (requires_grad_ and in-place changes raise)
import torch
from torch import Tensor


def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    with torch.inference_mode():
        diff = weight[idx] - target
        loss = diff.square().mean()
        new_weight = weight.clone()
        new_weight.index_put_((idx,), diff * (-2 * lr / max(diff.numel(), 1)), accumulate=True)
    return new_weight, loss
