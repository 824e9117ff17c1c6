# fails: normal: trunc_normal_ cut at 3 std: no tails, standard deviation 0.987 std

from torch import nn


def init_tied(embedding: nn.Embedding, projection: nn.Linear, std: float = 0.02) -> None:
    nn.init.trunc_normal_(embedding.weight, mean=0.0, std=std, a=-3 * std, b=3 * std)
    embedding._fill_padding_idx_with_zero()
    projection.weight = embedding.weight
    if projection.bias is not None:
        projection.bias.data.zero_()
