"""Train the table of exercise 18, ``words.txt``, and draw it.

Run this in the folder of the repository; it takes about a minute:

    python docs/words/train.py

The text is made from ``sentences.txt``, with a fixed seed. The loss is the solution of exercise
17, and the neighbors that the script prints come from the solution of exercise 18.
"""

import random
import re
import runpy
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

ROOT = Path(__file__).parents[2]
SENTENCES = ROOT / "docs" / "words" / "sentences.txt"
TABLE = ROOT / "exercises" / "exercise18" / "words.txt"
PLOT = ROOT / "docs" / "words" / "words.svg"

SEED = 18
TEXT_SENTENCES = 20_000
WINDOW = 4
DIM = 16
NEGATIVES = 5
STEPS = 3_000
BATCH = 1_024
RATE = 0.02
COMMON = 0.01
"""Words with a larger share of the text are often left out, as word2vec does."""


def solution(exercise: str, function: str) -> Any:
    """The function that a learner writes in ``exercise``, from its solution."""
    return runpy.run_path(str(ROOT / "solutions" / exercise / "solution.py"))[function]


def grammar() -> tuple[dict[str, list[str]], list[str]]:
    """The groups of words and the sentences of ``sentences.txt``."""
    groups: dict[str, list[str]] = {}
    sentences = []
    for line in SENTENCES.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name, equals, words = line.partition(" = ")
        if equals:
            groups[name] = words.split()
        else:
            sentences.append(line)
    return groups, sentences


def text(count: int, rng: random.Random) -> list[list[str]]:
    """``count`` random sentences, as lists of words."""
    groups, sentences = grammar()

    def filled(sentence: str) -> list[str]:
        # The parts of one word, such as {place.0} and {place.1}, belong together.
        chosen: dict[str, str] = {}

        def choose(match: re.Match[str]) -> str:
            name, part = match[1], match[2]
            if part is None:
                return rng.choice(groups[name])
            if name not in chosen or sentence.count(match[0]) > 1:
                chosen[name] = rng.choice(groups[name])
            return chosen[name].split("/")[int(part)]

        return re.sub(r"\{(\w+)(?:\.(\d))?\}", choose, sentence).split()

    return [filled(rng.choice(sentences)) for _ in range(count)]


def pairs(sentences: list[list[str]], number: dict[str, int], rng: random.Random) -> Tensor:
    """The ids of each word and of each word near it, shape (pairs, 2)."""
    counts = Counter(word for sentence in sentences for word in sentence)
    total = sum(counts.values())
    keep = {word: (COMMON * total / count) ** 0.5 for word, count in counts.items()}
    found = []
    for sentence in sentences:
        kept = [number[word] for word in sentence if rng.random() < keep[word]]
        for place, center in enumerate(kept):
            near = kept[max(0, place - WINDOW) : place] + kept[place + 1 : place + 1 + WINDOW]
            found.extend((center, context) for context in near)
    return torch.tensor(found)


def train(found: Tensor, frequency: Tensor) -> Tensor:
    """The table of the centers after training, in float64 so that it repeats everywhere."""
    sgns_loss = solution("exercise17", "sgns_loss")
    rng = torch.Generator().manual_seed(SEED)
    shape = len(frequency), DIM
    centers = (torch.randn(shape, generator=rng, dtype=torch.float64) / DIM).requires_grad_()
    contexts = torch.zeros(shape, dtype=torch.float64).requires_grad_()
    # word2vec draws rare words more often than they occur.
    shares = frequency.double() ** 0.75
    optimizer = torch.optim.Adam([centers, contexts], lr=RATE)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, STEPS)
    for _ in range(STEPS):
        batch = found[torch.randint(len(found), (BATCH,), generator=rng)]
        negatives = torch.multinomial(shares, BATCH * NEGATIVES, replacement=True, generator=rng)
        loss = sgns_loss(centers, contexts, *batch.T, negatives.reshape(BATCH, NEGATIVES))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return centers.detach()


def trained() -> tuple[list[str], Tensor]:
    """The words, the most frequent ones first, and their table."""
    torch.set_num_threads(1)
    rng = random.Random(SEED)  # noqa: S311 - it must repeat, nobody must be unable to guess it
    sentences = text(TEXT_SENTENCES, rng)
    counts = Counter(word for sentence in sentences for word in sentence)
    words = sorted(counts, key=lambda word: (-counts[word], word))
    number = {word: place for place, word in enumerate(words)}
    frequency = torch.tensor([counts[word] for word in words])
    return words, train(pairs(sentences, number, rng), frequency)


def write(words: list[str], table: Tensor) -> None:
    """Write the table as text, one line for each word, as word2vec and GloVe do."""
    lines = []
    for word, row in zip(words, table.tolist(), strict=True):
        numbers = " ".join(f"{value:.3f}" for value in row)
        lines.append(f"{word} {numbers}\n")
    TABLE.write_text("".join(lines), "utf-8")


def read() -> tuple[list[str], Tensor]:
    """The words and the table of ``words.txt``."""
    words, rows = [], []
    for line in TABLE.read_text("utf-8").splitlines():
        word, *numbers = line.split()
        words.append(word)
        rows.append([float(value) for value in numbers])
    return words, torch.tensor(rows)


def neighbors(words: list[str], table: Tensor, word: str, count: int) -> list[str]:
    """The ``count`` words nearest to ``word``."""
    nearest = solution("exercise18", "nearest")
    ids = nearest(table, torch.tensor(words.index(word)), count)
    return [words[number] for number in ids.tolist()]


if __name__ == "__main__":
    write(*trained())
    words, table = read()
    for word in ("king", "queen", "cat", "dog", "seven", "paris", "piano", "apple", "monday"):
        print(f"{word:8}", *neighbors(words, table, word, 6))
