# fails: combinations: puts both layers into training mode, also if they were in eval mode
import torch


def init_tied(embedding, projection, std=0.02):
    projection.weight = embedding.weight
    with torch.no_grad():
        torch.nn.init.normal_(embedding.weight, 0.0, std)
        if embedding.padding_idx is not None:
            embedding.weight[embedding.padding_idx] = 0.0
        if projection.bias is not None:
            torch.nn.init.zeros_(projection.bias)
    embedding.train()
    projection.train()
