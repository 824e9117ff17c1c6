"""Draw the table of exercise 18, ``words.txt``, as ``words.svg``.

Run ``python docs/words/draw.py`` in the folder of the repository, after ``train.py``.

A picture has two dimensions and the table 16, so the layout keeps only who is near whom: it is
t-SNE, on the cosines of the rows.
"""

from xml.sax.saxutils import escape

import torch
from torch import Tensor
from torch.nn.functional import normalize
from train import PLOT, grammar, read

SHOWN = (
    *("royal", "parent", "sibling", "elder", "relative", "spouse", "young", "adult"),
    *("pet", "farm", "wild", "bird", "fish", "fruit", "vegetable", "meal"),
    *("drink", "color", "number", "day", "month", "season", "weather", "body"),
    *("clothes", "furniture", "room", "road", "boat", "air", "tool", "metal"),
    *("instrument", "job", "subject", "mood", "nature", "tree", "flower", "place"),
)
"""The groups that are drawn."""
COLORS = (
    *("#1b6ca8", "#b5442e", "#2f7d4f", "#7a4fa3"),
    *("#9a6a00", "#00797a", "#b02a6b", "#4f5b66"),
)
NEAR = 0.15
"""The width of the neighborhood, in cosines: smaller values make tighter groups."""
STEPS = 1_000
WIDTH, HEIGHT, MARGIN, LINE = 1120, 820, 45, 15


def groups() -> dict[str, str]:
    """Each word that is drawn, and its group: the first one of ``SHOWN`` that has it."""
    found: dict[str, str] = {}
    all_groups, _ = grammar()
    for name in SHOWN:
        for entry in all_groups[name]:
            # Of Paris, France and French, only the first is drawn.
            found.setdefault(entry.split("/")[0], name)
    return found


def layout(rows: Tensor) -> Tensor:
    """A place in the plane for each row; rows with a large cosine come near to each other."""
    itself = torch.eye(len(rows), dtype=torch.bool)
    unit = normalize(rows.double(), dim=1)
    near = (unit @ unit.T / NEAR).masked_fill(itself, -torch.inf).softmax(1)
    wanted = (near + near.T) / (2 * len(rows))
    rng = torch.Generator().manual_seed(0)
    places = torch.randn(len(rows), 2, generator=rng, dtype=torch.float64).requires_grad_()
    optimizer = torch.optim.Adam([places], lr=0.5)
    for step in range(STEPS):
        squares = (places.unsqueeze(1) - places).pow(2).sum(-1)
        found = (1 / (1 + squares)).masked_fill(itself, 0)
        logs = (found / found.sum()).clamp(min=1e-12).log()
        # At first, near words attract each other more, so that groups can pass each other.
        strength = 4 if step < STEPS / 4 else 1
        loss = -(strength * wanted * logs).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return places.detach()


def spread(places: Tensor, words: list[str]) -> Tensor:
    """The places in pixels, with words moved up or down until none covers another."""
    size = torch.tensor([WIDTH, HEIGHT], dtype=places.dtype)
    points = (places - places.min(0).values) / (places.max(0).values - places.min(0).values) * size
    widths = torch.tensor([7.2 * len(word) + 6 for word in words], dtype=points.dtype)
    room = (widths.unsqueeze(1) + widths) / 2
    itself = torch.eye(len(words), dtype=torch.bool)
    for _ in range(500):
        gaps = points.unsqueeze(1) - points
        down = LINE - gaps[..., 1].abs()
        covered = (gaps[..., 0].abs() < room) & (down > 0) & ~itself
        if not covered.any():
            break
        pushes = down / 2 * gaps[..., 1].sign()
        points[:, 1] += (pushes * covered).sum(1) / covered.sum(1).clamp(min=1)
    return points - points.min(0).values


def picture(words: list[str], names: list[str], points: Tensor) -> str:
    """The SVG: each word at its place, in the color of its group."""
    title = f"{len(words)} words of words.txt; words that are near have similar rows"
    width, height = (points.max(0).values + 2 * MARGIN).round().int().tolist()
    style = 'font-family="sans-serif" font-size="13" text-anchor="middle"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {style}>',
        f"<title>{title}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for word, name, (x, y) in zip(words, names, (points + MARGIN).tolist(), strict=True):
        color = COLORS[SHOWN.index(name) % len(COLORS)]
        lines.append(f'<text x="{x:.0f}" y="{y:.0f}" fill="{color}">{escape(word)}</text>')
    return "\n".join([*lines, "</svg>\n"])


if __name__ == "__main__":
    torch.set_num_threads(1)
    words, table = read()
    shown = groups()
    rows = table[[words.index(word) for word in shown]]
    points = spread(layout(rows), list(shown))
    PLOT.write_text(picture(list(shown), list(shown.values()), points), "utf-8")
