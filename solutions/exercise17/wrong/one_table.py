"""Your code reads all rows from `centers` and none from `contexts`.

Each word has two rows: one as the center, one as a neighbor. With one row, a word would have to
fit itself, because its score with itself is the square of its length. The trained embedding is
`centers`.
"""

# caught by: two_tables

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Use one table."""
    vectors = centers[center]
    scores = (vectors * centers[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * centers[negatives]).sum(-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others).sum(-1)
    return -logs.mean()
