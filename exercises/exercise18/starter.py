"""Exercise 18: nearest words."""

from pathlib import Path

import torch
from torch import Tensor


def nearest(weight: Tensor, ids: Tensor, k: int) -> Tensor:
    """Return, for each id, the k other ids whose rows have the largest cosine, best first.

    weight: the table, shape (num, dim).
    ids: the ids to compare with all others, an integer tensor of any shape.
    k: how many ids to return for each id, from 0 to num - 1.

    Returns an int64 tensor of shape (*ids.shape, k).
    """
    raise NotImplementedError("write nearest here")


if __name__ == "__main__":
    # This part is not graded. Run the file with Python to see the nearest words of a few words.
    words, rows = [], []
    for line in Path(__file__).with_name("words.txt").read_text().splitlines():
        word, *numbers = line.split()
        words.append(word)
        rows.append([float(number) for number in numbers])

    for word in ("king", "cat", "seven", "paris"):
        ids = torch.tensor([words.index(word)])
        found = nearest(torch.tensor(rows), ids, 5)[0].tolist()
        print(f"{word}:", *(words[number] for number in found))
