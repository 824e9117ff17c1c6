"""What learners read about mistakes that the course knows in another form.

A misconception is named if the code behaves like it, however it is written. So its text and the
facts must be true for all these forms.
"""

import pytest

from grader.course.location import default_root
from tests.grading import grade_file

ROOT = default_root()
TRAINED_IN_PLACE = """
import torch


def train_step(weight, idx, target, lr):
    weight.requires_grad_(True)
    loss = ((weight[idx] - target) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        weight -= lr * weight.grad
    return weight, loss
"""
PARAMETER_OF_THE_WEIGHT = """
import torch


def train_step(weight, idx, target, lr):
    w = torch.nn.Parameter(weight)
    loss = ((w[idx] - target) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
    return w, loss
"""
RESHAPED = """
def linear_to_embedding(weight, bias=None):
    dim, num = weight.shape
    table = weight.permute(1, 0).reshape(num, dim).contiguous()
    return table if bias is None else table + bias
"""
ZEROED_TOO_EARLY = """
def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    grad = grad_output.new_zeros(num_embeddings, dim)
    if padding_idx is not None:
        grad[padding_idx] = 0
    grad.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
    return grad
"""
SUM_DROPPED = """
def linear(x, weight, bias=None):
    y = x @ weight.T
    if bias is not None:
        y.add(bias)
    return y
"""
SIZES_SWAPPED = """
import torch
from torch import nn
import torch.nn.functional as F


class Embedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(embedding_dim, num_embeddings))

    def forward(self, idx):
        return F.embedding(idx, self.weight, self.padding_idx)
"""
FROZEN = """
import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    layer = nn.Embedding(len(words), dim)
    layer.padding_idx = words.index("<pad>") if "<pad>" in words else None
    with torch.no_grad():
        for i, w in enumerate(words):
            if w == "<pad>":
                layer.weight[i] = 0
            elif w in vectors:
                layer.weight[i] = vectors[w]
    layer.weight.requires_grad = False
    return layer
"""
ASSIGNED = """
def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    grad = grad_output.new_zeros(num_embeddings, grad_output.shape[-1])
    grad[idx] = grad_output
    if padding_idx is not None:
        grad[padding_idx] = 0
    return grad
"""
DIVIDED_IN_PLACE = """
def nearest(weight, ids, k):
    weight /= weight.norm(dim=1, keepdim=True).clamp(min=1e-12)
    cos = weight[ids] @ weight.T
    cos.scatter_(-1, ids.long().unsqueeze(-1), -2)
    return cos.topk(k).indices
"""
TABLE_RETURNED = """
import torch


def pretrained(words, vectors, dim, frozen=True):
    return torch.randn(len(words), dim)
"""
SQUEEZED = """
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = torch.sum(c * contexts[context], dim=1)
    neg = torch.bmm(contexts[negatives], c.unsqueeze(2)).squeeze()
    return -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(1)).mean()
"""
LARGEST_ROW = """
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = starts[1:] + [len(idx)]
    out = []
    for s, e in zip(starts, ends):
        rows = weight[idx[s:e]]
        if len(rows) == 0:
            out.append(weight.new_zeros(weight.shape[1]))
        elif mode == "sum":
            out.append(rows.sum(0))
        elif mode == "mean":
            out.append(rows.mean(0))
        else:
            out.append(rows[rows.norm(dim=1).argmax()])
    return torch.stack(out)
"""
CLIMBS = """
import torch


def sparse_step(weight, idx, grad_output, lr):
    with torch.no_grad():
        rows = grad_output.reshape(-1, weight.shape[1])
        weight.index_add_(0, idx.reshape(-1), rows, alpha=lr)
"""
LARGE_NEGATIVE_SCORE = """
import torch.nn.functional as F


def padded_size(num, multiple):
    return (num + multiple - 1) // multiple * multiple


def padded_loss(hidden, weight, target, num):
    scores = hidden @ weight.T
    scores[..., num:] = -1e4
    return F.cross_entropy(scores.reshape(-1, len(weight)), target.reshape(-1))
"""
OTHER_KEY = """
def lookup_cost(num_embeddings, embedding_dim, num_indices):
    return {"lookup_multiply_add": 0}


def lookup(weight, idx):
    return weight[idx]
"""

COPIED = """
import torch


def init_tied(embedding, projection, std=0.02):
    with torch.no_grad():
        embedding.weight.normal_(0, std)
        if embedding.padding_idx is not None:
            embedding.weight[embedding.padding_idx] = 0
        projection.weight.copy_(embedding.weight)
        if projection.bias is not None:
            projection.bias.zero_()
"""


def graded(examiner, folder, number, source, seed=1):
    """The grade of ``source`` in an exercise of the course."""
    path = folder / f"exercise{number}.py"
    path.write_text(source)
    return grade_file(examiner, f"exercise{number}", path, course=ROOT, seed=seed)


@pytest.mark.parametrize(
    ("number", "source", "said", "presumed"),
    [
        (8, TRAINED_IN_PLACE, "in the caller's weight", "records the loss"),
        (8, PARAMETER_OF_THE_WEIGHT, "in the caller's memory", "records the loss"),
        (3, RESHAPED, "`reshape` copy only if they must", "relies on"),
        (6, ZEROED_TOO_EARLY, "`padding_idx` has no effect on your result", "does not use"),
        (4, SUM_DROPPED, "The bias has no effect on your result", "does not use"),
        (7, SIZES_SWAPPED, "it is transposed", "Your lookup corrects"),
        (16, FROZEN, "a new `nn.Embedding` is trained", "Pass `freeze"),
        (6, ASSIGNED, "`=`, `+=` and `-=` at an index", None),
        (18, DIVIDED_IN_PLACE, "`weight` requires one", "no_grad"),
        (14, COPIED, "a weight of its own", None),
        (16, TABLE_RETURNED, "Your code gives a tensor", "This line"),
        (17, SQUEEZED, "the tensor in this line does not have", "argument"),
    ],
)
def test_an_explanation_presumes_no_way_of_writing(
    examiner, tmp_path, number, source, said, presumed
):
    """What is said is true for code that is written in another way than the misconception."""
    explanation = " ".join((graded(examiner, tmp_path, number, source).explanation or "").split())
    assert said in explanation
    assert presumed is None or presumed not in explanation


def test_equal_rows_by_chance_are_no_fact(examiner, tmp_path):
    """All bags have the same row in one call only, which says nothing about the code."""
    grade = graded(examiner, tmp_path, 11, LARGEST_ROW, seed=3289976219096009)
    assert not grade.passed and grade.explanation is None


def test_a_check_judges_what_its_title_says(examiner, tmp_path):
    """A step in the wrong direction moves no other row and makes no large tensor."""
    grade = graded(examiner, tmp_path, 21, CLIMBS)
    needed = {result.check.name: result.needed for result in grade.checks}
    assert needed["other_rows"] == needed["no_whole_table"] == "step"


def test_the_page_shows_what_was_returned(examiner, tmp_path):
    """A loss in float64 is shown in float64, and names of a dictionary as they are."""
    results = {r.check.name: r for r in graded(examiner, tmp_path, 19, LARGE_NEGATIVE_SCORE).checks}
    assert "float64" in results["junk"].case.returned
    results = {r.check.name: r for r in graded(examiner, tmp_path, 10, OTHER_KEY).checks}
    case = results["lookup_multiply_adds"].case
    assert "'lookup_multiply_add'" in case.returned and "None" not in case.returned
