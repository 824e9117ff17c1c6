# fails: inputs_untouched: its backward transposes the saved matrix in place, so a second pass for 9 ids of 9 rows gives another gradient
import torch
from torch import Tensor


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, flat):
        one_hot = torch.nn.functional.one_hot(flat, weight.shape[0]).to(weight.dtype)
        ctx.one_hot = one_hot
        return one_hot @ weight

    @staticmethod
    def backward(ctx, grad_output):
        # the matrix is not needed any more, so transpose it in place
        return ctx.one_hot.t_() @ grad_output, None


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num, dim = weight.shape
    flat = idx.reshape(-1).long()
    if flat.numel() and int(flat.max()) >= num:
        raise IndexError("id out of range")
    return _Product.apply(weight, flat).reshape(*idx.shape, dim)
