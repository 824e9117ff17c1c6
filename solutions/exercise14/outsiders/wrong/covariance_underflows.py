# fails: combinations: the square of a tiny std is zero, which is no covariance
import torch
from torch import nn
from torch.distributions import MultivariateNormal


@torch.no_grad()
def init_tied(embedding: nn.Embedding, projection: nn.Linear, std: float = 0.02) -> None:
    weight = embedding.weight
    num, dim = weight.shape
    projection.weight = weight
    weight.requires_grad_(True)
    eye = torch.eye(dim, dtype=weight.dtype, device=weight.device)
    rows = MultivariateNormal(eye.new_zeros(dim), covariance_matrix=std**2 * eye)
    weight.copy_(rows.sample((num,)))
    if embedding.padding_idx is not None:
        weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        projection.bias.zero_()
        projection.bias.requires_grad_(True)
