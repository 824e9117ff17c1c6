"""Your code works for int64 ids but not for int32 ids.

`F.one_hot`, `torch.take` and `torch.take_along_dim` accept only int64. Since PyTorch
2.8, `gather` accepts int32, but up to 2.15 it returns wrong rows on the CPU if the int32 index is
an expanded tensor.
`nn.Embedding` and plain indexing accept both dtypes. Call your function with `torch.tensor([3,
0, 3], dtype=torch.int32)` and see which line fails.
"""

# caught by: id_types


def lookup(weight, idx):
    """Pass the ids to a function that accepts only int64."""
    if idx.numel() and idx.max() >= weight.shape[0]:
        raise IndexError("no such id")
    rows = weight.take_along_dim(idx.reshape(-1, 1), 0)
    return rows.reshape(*idx.shape, weight.shape[1])
