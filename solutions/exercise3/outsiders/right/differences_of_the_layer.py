# passes: sends one-hot rows one by one through the layer

import torch


def linear_to_embedding(weight, bias=None):
    num = weight.shape[1]
    rows = []
    for number in range(num):
        one_hot = weight.new_zeros(num)
        one_hot[number] = 1
        row = weight.mv(one_hot)
        rows.append(row if bias is None else row + bias)
    return torch.stack(rows)
