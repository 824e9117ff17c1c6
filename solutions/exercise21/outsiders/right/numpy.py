# passes: NumPy's subtract.at on the same memory
import numpy as np
import torch
import torch.nn.functional as F


def sparse_step(weight, idx, grad_output, lr):
    table = weight.detach().numpy()
    rows = lr * grad_output.numpy().reshape(-1, table.shape[1])
    np.subtract.at(table, idx.numpy().reshape(-1), rows.astype(table.dtype))
