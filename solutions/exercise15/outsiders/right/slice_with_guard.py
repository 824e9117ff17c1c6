# passes: a slice and a length that is compared
def embed(idx, tokens, positions, start=0):
    rows = positions[start : start + idx.shape[-1]]
    if len(rows) != idx.shape[-1]:
        raise ValueError("the text is too long")
    return tokens[idx].add(rows)
