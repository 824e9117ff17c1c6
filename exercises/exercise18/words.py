"""Print the nearest words of words.txt, with your own code: ``python words.py king cat``."""

import sys
from pathlib import Path

import torch
from exercise18 import nearest

words, rows = [], []
for line in Path(__file__).with_name("words.txt").read_text("utf-8").splitlines():
    word, *numbers = line.split()
    words.append(word)
    rows.append([float(number) for number in numbers])

for word in sys.argv[1:] or ["king", "cat", "seven", "paris"]:
    if word in words:
        ids = torch.tensor([words.index(word)])
        found = nearest(torch.tensor(rows), ids, 5)[0].tolist()
        print(f"{word}:", ", ".join(words[number] for number in found))
    else:
        print(f"{word} is not in words.txt")
