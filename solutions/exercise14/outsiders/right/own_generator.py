# passes: a generator of its own with a seed from the machine
import torch


def init_tied(embedding, projection, std=0.02):
    generator = torch.Generator()
    generator.seed()
    weight = embedding.weight
    numbers = torch.randn(weight.shape, generator=generator, dtype=weight.dtype) * std
    if embedding.padding_idx is not None:
        numbers[embedding.padding_idx] = 0
    with torch.no_grad():
        weight.copy_(numbers)
        if projection.bias is not None:
            projection.bias.copy_(torch.zeros_like(projection.bias))
    setattr(projection, "weight", weight)
