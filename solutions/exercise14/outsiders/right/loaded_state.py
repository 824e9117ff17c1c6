import torch
from torch import nn
from torch.distributions import Normal


def init_tied(embedding: nn.Embedding, projection: nn.Linear, std: float = 0.02) -> None:
    table = Normal(torch.zeros((), dtype=embedding.weight.dtype), std).sample(
        embedding.weight.shape
    )
    if embedding.padding_idx is not None:
        table.index_fill_(0, torch.tensor(embedding.padding_idx), 0.0)
    projection.weight = embedding.weight
    state = {"weight": table}
    if projection.bias is not None:
        state["bias"] = torch.zeros_like(projection.bias)
    projection.load_state_dict(state)
