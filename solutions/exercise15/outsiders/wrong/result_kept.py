# fails: inputs_untouched: writes every result into the same memory
import torch

MEMORY = {}


def embed(idx, tokens, positions, start=0):
    rows = tokens[idx] + positions[torch.arange(start, start + idx.shape[-1])]
    if rows.requires_grad:
        return rows
    kept = MEMORY.setdefault((rows.shape, rows.dtype), torch.empty_like(rows))
    return kept.copy_(rows)
