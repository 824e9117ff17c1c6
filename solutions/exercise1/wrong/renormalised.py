"""Your code shortens the looked-up rows to length 1, and it does so in the table itself.

That is the option `max_norm` of `nn.Embedding`, which is off by default. It rewrites the weight
during the forward pass. A plain lookup returns the rows as they are and leaves the table alone.
Print `weight` before and after your call.
"""

# caught by: rows

import torch


def lookup(weight, idx):
    """Shorten the rows in the table."""
    with torch.no_grad():
        norms = weight[idx].norm(dim=-1, keepdim=True)
        weight[idx] = weight[idx] / norms.clamp(min=1.0)
    return weight[idx]
