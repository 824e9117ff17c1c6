# fails: rows: as_strided assumes that the table is contiguous


def lookup(weight, idx):
    plain = weight.as_strided(weight.shape, (weight.shape[1], 1))
    return plain[idx]
