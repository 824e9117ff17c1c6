# fails: any_shape: start is checked without looking at the length, so texts of length 0 and a start at or behind the end of the table raise
from torch import Tensor


def embed(idx: Tensor, tokens: Tensor, positions: Tensor, start: int = 0) -> Tensor:
    longest = positions.shape[0]
    if start > 0 and start >= longest:
        raise IndexError(f"position {start} is not in a table of {longest} rows")
    end = start + idx.shape[-1]
    if end > longest:
        raise IndexError(f"position {end - 1} is not in a table of {longest} rows")
    return tokens[idx] + positions[start:end]
