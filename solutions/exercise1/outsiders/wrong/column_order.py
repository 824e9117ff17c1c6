# fails: any_rank: the rows of a transposed matrix of ids come in the order of the memory


def lookup(weight, idx):
    if idx.dim() == 2 and not idx.is_contiguous() and idx.T.is_contiguous():
        memory = idx.T.reshape(-1)
    else:
        memory = idx.reshape(-1)
    return weight.index_select(0, memory).reshape(*idx.shape, weight.shape[1])
