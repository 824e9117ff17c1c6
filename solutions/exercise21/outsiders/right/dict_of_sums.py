import torch


def sparse_step(weight, idx, grad_output, lr):
    with torch.no_grad():
        sums = {}
        steps = grad_output.reshape(idx.numel(), weight.shape[1]).unbind(0)
        for i, step in zip(idx.flatten().tolist(), steps):
            sums[i] = sums[i] + step if i in sums else step
        if sums:
            ids = torch.tensor(list(sums))
            rows = torch.stack([weight[i] - lr * total for i, total in sums.items()])
            weight.index_copy_(0, ids, rows)
