"""Your numbers are right, but no gradient flows back to `x`.

`detach`, `.data`, `tolist` and `torch.tensor(…)` drop the history. A reshape and a transpose keep
it.
"""

# caught by: gradient


def split_heads(x, heads):
    """Split without history."""
    if x.shape[-1] % heads:
        raise ValueError("heads must divide dim")
    return x.detach().unflatten(-1, (heads, -1)).transpose(-3, -2)


def merge_heads(x):
    """Merge without history."""
    return x.detach().transpose(-3, -2).flatten(-2)
