# passes: plain indexing, with errors raised again as IndexError


def lookup(weight, idx):
    try:
        rows = weight[idx]
    except (IndexError, RuntimeError) as error:
        raise IndexError("an id is too large") from error
    return rows
