"""Your result is right, but it comes from a lookup. No product was computed.

A lookup reads the rows that are asked for and nothing else; that is why it is so cheap. The
product reads them all and wipes out most of them with zeros. Here the long way is asked for,
since it shows what a lookup is in the eyes of a linear layer.
"""

# caught by: product


def one_hot_lookup(weight, idx):
    """Look the rows up."""
    return weight[idx]
