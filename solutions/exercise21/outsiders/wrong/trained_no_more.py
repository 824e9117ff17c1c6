# fails: any_shape: the Parameter no longer requires a gradient after an empty step


def sparse_step(weight, idx, grad_output, lr):
    wanted = weight.requires_grad
    weight.requires_grad_(False)
    if idx.numel() == 0:
        return
    rows = grad_output.detach().reshape(idx.numel(), weight.shape[1])
    weight.index_add_(0, idx.reshape(-1), rows, alpha=-lr)
    weight.requires_grad_(wanted)
