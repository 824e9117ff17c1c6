"""What the section "At scale" of the course says about PyTorch is true on the installed version.

The docstrings name the places that state a fact, as in ``test_facts.py``.
"""

import math

import pytest
import torch
from torch.nn import functional as F  # noqa: N812 -- its usual name

INFINITY = float("inf")


def refuses(exception, function, *arguments, **options) -> None:
    with pytest.raises(exception):
        function(*arguments, **options)


# Exercise 19: spare rows

WORDS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [9.0, 9.0]])
HIDDEN = torch.tensor([[1.0, 0.0]])
TARGET = torch.tensor([0])


def test_example_with_spare_rows():
    """exercise19, exercise19/spare_rows_count: the loss is 0.3133, with the spare row 8.0005."""
    assert 10 // 8 * 8 == 8  # exercise19/rounded_down
    assert -(-50257 // 64) * 64 == 50304
    loss = F.cross_entropy(HIDDEN @ WORDS[:2].T, TARGET)
    assert round(loss.item(), 4) == round(-math.log(math.e / (math.e + 1)), 4) == 0.3133
    assert round(F.cross_entropy(HIDDEN @ WORDS.T, TARGET).item(), 4) == 8.0005


def test_whole_numbers_and_floats():
    """exercise19/rounded_as_float, exercise19/powers_of_two, exercise19/always_one_more.

    A float holds whole numbers exactly up to 2**53, and `& -m` rounds to powers of two only.
    """
    assert float(2**53) == float(2**53 + 1)
    assert math.ceil((2**60 - 1) / 3) * 3 != 2**60 - 1 == -(-(2**60 - 1) // 3) * 3
    assert (20 + 12 - 1) & -12 != 24 == -(-20 // 12) * 12
    assert (25 + 8 - 1) & -8 == 32 and -(-16 // 8) * 8 == 16 and (16 // 8 + 1) * 8 == 24


def test_scores_of_zero_and_of_minus_infinity():
    """exercise19/scores_zeroed, exercise19/small_penalty, exercise19/nan_from_infinity.

    A score of 0 counts, one of -20 counts among lower ones, and one of minus infinity does not.
    """
    assert math.exp(0) == 1 and torch.tensor(-INFINITY).exp() == 0
    shares = torch.tensor([-60.0, -60.0, -20.0]).softmax(0)
    assert shares[2] > 0.999
    assert torch.tensor([-60.0, -60.0, -INFINITY]).softmax(0).tolist() == [0.5, 0.5, 0]
    assert math.isnan(0 * -INFINITY)
    assert F.cross_entropy(torch.tensor([[1.0, math.nan]]), TARGET).isnan()
    kept = torch.where(torch.tensor([True, False]), torch.tensor([1.0, INFINITY]), 0.0)
    assert kept.tolist() == [1, 0]


def test_slices_of_rows():
    """exercise19/one_row_too_many, exercise19/one_word_too_few, exercise19/counted_from_the_end."""
    assert len(WORDS[:2]) == 2 and len(WORDS[:-0]) == 0 and len(WORDS[:-1]) == 2


def test_cross_entropy_is_a_mean_with_a_softmax():
    """exercise19/summed, exercise19/softmax_twice: of shares, it stays near log(num)."""
    scores, targets = torch.eye(50) * 100, torch.arange(50)
    assert torch.equal(F.cross_entropy(scores, targets), F.cross_entropy(scores[:1], targets[:1]))
    assert F.cross_entropy(scores.softmax(1), targets) > math.log(50) - 1.1
    assert F.cross_entropy(scores, targets) < 1e-4


def test_exponentials_overflow():
    """exercise19/bare_exponentials, exercise19/where_after_exp: from 89 on, in float32.

    Forward, a mask after the exponential hides that; backward, 0 times infinity is nan.
    """
    assert torch.tensor(89.0).exp() == INFINITY and torch.tensor(88.0).exp() < INFINITY
    assert (torch.tensor(INFINITY) / INFINITY).isnan()
    scores = torch.tensor([1.0, 200.0], requires_grad=True)
    kept = torch.where(torch.tensor([True, False]), scores.exp(), 0.0).sum()
    kept.backward()
    assert kept < 3 and scores.grad[1].isnan()
    assert torch.isfinite(scores.detach().log_softmax(0)).all()


def test_dimension_one_has_the_classes():
    """exercise19/lists_only, exercise19/viewed: cross_entropy and view want a certain layout."""
    scores, targets = torch.zeros(2, 3, 5), torch.zeros(2, 3, dtype=torch.int64)
    refuses((RuntimeError, ValueError), F.cross_entropy, scores, targets)
    assert F.cross_entropy(scores.movedim(-1, 1), targets) > 0
    refuses(RuntimeError, torch.zeros(3, 2).T.view, -1)
    refuses(RuntimeError, torch.zeros(1, 2).expand(3, 2).view, -1)
    assert torch.zeros(3, 2).T.reshape(-1).shape == (6,)


def test_detours_lose_digits_and_gradients():
    """exercise19/always_float32, exercise19/weight_detached, exercise19/spare_rows_overwritten."""
    precise = torch.tensor(1 + 1e-12, dtype=torch.float64)
    assert precise.float().double() == 1 != precise
    weight = WORDS.clone().requires_grad_()
    assert not weight.detach()[:2].requires_grad and weight[:2].requires_grad
    weight.data[2:] = 0
    assert weight[2].tolist() == [0, 0]


def test_targets_without_a_score():
    """exercise19/target_clamped, exercise19/target_unnoticed, exercise19: cross_entropy refuses.

    With a score of minus infinity, the loss is infinite, and so is the mean of the batch.
    """
    refuses(IndexError, F.cross_entropy, torch.zeros(1, 2), torch.tensor([2]))
    assert torch.tensor([2]).clamp(max=1) == 1
    scores = torch.tensor([[0.0, 0.0, -INFINITY]]).repeat(4, 1)
    assert F.cross_entropy(scores, torch.tensor([0, 1, 2, 0])) == INFINITY


# Exercise 20: shards

SHARD = torch.tensor([[1.0, 2.0], [3.0, 4.0]])


def test_example_of_a_shard():
    """exercise20, exercise20/first_not_subtracted: the shard holds the ids 10 and 11."""
    local = torch.tensor([11, 0, 12]) - 10
    inside = (local >= 0) & (local < 2)
    result = SHARD.new_zeros(3, 2)
    result[inside] = SHARD[local[inside]]
    assert local[0] == 1 and result.tolist() == [[3, 4], [0, 0], [0, 0]]


def test_places_outside_of_a_shard():
    """exercise20/negative_places, exercise20/clamped, exercise20/wrapped_around.

    Square brackets count negative places from the end, and refuse those far below.
    """
    places = torch.tensor([-1, 2])
    assert torch.equal(SHARD[places[:1]], SHARD[1:])
    refuses(IndexError, lambda: SHARD[torch.tensor([-3])])
    refuses(IndexError, lambda: SHARD[places])  # exercise20/one_id_too_many
    assert places.clamp(0, 1).tolist() == [0, 1] and (places % 2).tolist() == [1, 0]


def test_products_with_zero():
    """exercise20/multiplied_by_mask, exercise20/one_hot_product, exercise20/nan_for_others.

    exercise20: zero times infinity or nan is nan; `torch.where` and `masked_fill` choose.
    """
    broken = torch.tensor([[INFINITY, 1.0], [math.nan, 2.0]])
    assert (broken * 0)[:, 0].isnan().all() and (torch.zeros(1, 2) @ broken)[0, 0].isnan()
    assert (broken + math.nan).isnan().all()
    outside = torch.tensor([[True], [True]])
    assert torch.where(outside, 0, broken).tolist() == [[0, 0], [0, 0]]
    assert broken.masked_fill(outside, 0).tolist() == [[0, 0], [0, 0]]


def test_assignment_with_a_mask():
    """exercise20/others_left_out, exercise20/detached, exercise20/flattened, exercise20: any shape.

    An assignment keeps the graph; indexing with a mask returns a list.
    """
    inside = torch.tensor([[True, False], [True, True]])
    shard = SHARD.clone().requires_grad_()
    result = torch.zeros(2, 2, 2)
    rows = shard[torch.tensor([0, 1, 1])]
    assert result[inside].shape == rows.shape == (3, 2)
    result[inside] = rows
    assert result.grad_fn is not None
    result.sum().backward()
    assert shard.grad.tolist() == [[1, 1], [2, 2]]


def test_an_empty_shard_has_no_row_zero():
    """exercise20/row_needed: looking up row 0 of it raises an IndexError."""
    empty = torch.empty(0, 2)
    refuses(IndexError, lambda: empty[torch.tensor([0])])
    assert empty[torch.empty(0, dtype=torch.int64)].shape == (0, 2)


def test_zeros_of_another_dtype():
    """exercise20/zeros_in_float32: an assignment with a mask refuses rows of another dtype.

    `new_zeros` takes over the dtype; float32 takes twice the memory of bfloat16.
    """
    rows = SHARD.bfloat16()
    assert torch.zeros(2, 2).dtype is torch.float32 and rows.new_zeros(1).dtype is torch.bfloat16
    refuses(RuntimeError, torch.zeros(2, 2).__setitem__, torch.tensor([True, True]), rows)
    assert SHARD.nbytes == 2 * rows.nbytes


def test_subtracting_in_place():
    """exercise20/ids_changed: it changes the ids, and refuses an expanded tensor."""
    idx = torch.tensor([11])
    idx -= 10
    assert idx == 1
    refuses(RuntimeError, idx.expand(3).sub_, 1)
