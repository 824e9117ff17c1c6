# passes: index_select on flat ids and flat positions
import torch


def embed(idx, tokens, positions, start=0):
    shape = *idx.shape, tokens.shape[1]
    places = (torch.zeros_like(idx).long() + 1).cumsum(-1) - 1 + start
    first = tokens.index_select(0, idx.reshape(-1)).reshape(shape)
    return first + positions.index_select(0, places.reshape(-1)).reshape(shape)
