# passes: the gradient by hand, added at the ids


def train_step(weight, idx, target, lr):
    old = weight.detach()
    error = old[idx] - target
    move = error.reshape(-1, old.shape[1]) * (-2 * lr / error.numel())
    return old.index_add(0, idx.reshape(-1), move), error.pow(2).mean()
