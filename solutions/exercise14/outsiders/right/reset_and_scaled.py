# passes: PyTorch's own reset, then scaled; it clears the padding row
import torch


def init_tied(embedding, projection, std=0.02):
    embedding.reset_parameters()
    with torch.no_grad():
        embedding.weight *= std
        if projection.bias is not None:
            projection.bias.fill_(0.0)
    projection.weight = embedding.weight
