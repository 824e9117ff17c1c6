# fails: start_loss: torch's default dtype is float32 afterwards, whatever it was before
import torch


def init_tied(embedding, projection, std=0.02):
    torch.set_default_dtype(embedding.weight.dtype)
    numbers = torch.randn(embedding.weight.shape) * std
    torch.set_default_dtype(torch.float32)
    with torch.no_grad():
        embedding.weight.copy_(numbers)
        if embedding.padding_idx is not None:
            embedding.weight[embedding.padding_idx] = 0
        if projection.bias is not None:
            projection.bias.zero_()
    projection.weight = embedding.weight
