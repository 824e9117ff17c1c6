# passes: narrow raises for a text that is too long
def embed(idx, tokens, positions, start=0):
    return positions.narrow(0, start, idx.shape[-1]) + tokens[idx]
