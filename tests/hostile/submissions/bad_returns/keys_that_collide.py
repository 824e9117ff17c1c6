"""A dictionary whose keys all have one hash."""
# ends as: failed


def double(x):
    # A tuple's hash is that of its items' hashes, and those of n and n + 2**61 - 1 are the same.
    twins = [(0, 2**61 - 1), (1, 2**61), (2, 2**61 + 1), (3, 2**61 + 2)]
    keys = [()]
    for position in range(12):
        keys = [(*key, n) for key in keys for n in twins[position % 4]]
    return dict.fromkeys(keys)
