"""What the section "At scale" of the course says about PyTorch is true on the installed version.

The docstrings name the places that state a fact, as in ``test_facts.py``.
"""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 -- its usual name

INFINITY = float("inf")


def refuses(exception, function, *arguments, **options) -> None:
    with pytest.raises(exception):
        function(*arguments, **options)


def share_memory(first: torch.Tensor, second: torch.Tensor) -> bool:
    return first.untyped_storage().data_ptr() == second.untyped_storage().data_ptr()


# Exercise 19: spare rows

WORDS = torch.tensor([[1.0], [0.0], [9.0]])
HIDDEN = torch.tensor([[1.0]])
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
    assert torch.zeros(3, 2).T.reshape(-1).shape == (6,)


def test_detours_lose_digits_and_gradients():
    """exercise19/always_float32, exercise19/weight_detached, exercise19/spare_rows_overwritten."""
    precise = torch.tensor(1 + 1e-12, dtype=torch.float64)
    assert precise.float().double() == 1 != precise
    weight = WORDS.clone().requires_grad_()
    assert not weight.detach()[:2].requires_grad and weight[:2].requires_grad
    weight.data[2:] = 0
    assert weight[2].tolist() == [0]


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
    shard = torch.tensor([[1.0], [2.0]])
    local = torch.tensor([11, 0, 12]) - 10
    inside = (local >= 0) & (local < 2)
    result = shard.new_zeros(3, 1)
    result[inside] = shard[local[inside]]
    assert local[0] == 1 and result.tolist() == [[2], [0], [0]]


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


def test_zeros_without_a_history():
    """exercise20, exercise20/no_graph_without_hits: an assignment keeps it, even of no row."""
    shard = SHARD.clone().requires_grad_()
    made = shard.new_zeros(1, 2)
    refuses(RuntimeError, made.sum().backward)
    made[torch.tensor([False])] = shard[torch.empty(0, dtype=torch.int64)]
    made.sum().backward()
    assert shard.grad.shape == SHARD.shape and not shard.grad.any()


def test_subtracting_in_place():
    """exercise20/ids_changed: it changes the ids, and refuses an expanded tensor."""
    idx = torch.tensor([11])
    idx -= 10
    assert idx == 1
    refuses(RuntimeError, idx.expand(3).sub_, 1)


# Exercise 21: a step on a few rows

IDS = torch.tensor([2, 2])
GRADIENTS = torch.tensor([[2.0], [4.0]])


def column() -> torch.Tensor:
    """The table of the example."""
    return torch.tensor([[1.0], [2.0], [3.0]])


def test_example_of_a_sparse_step():
    """exercise21, exercise21/uphill: row 2 becomes 2.4, as with torch.optim.SGD's function."""
    moved = column().index_add_(0, IDS, GRADIENTS, alpha=-0.1)
    torch.testing.assert_close(moved, torch.tensor([[1.0], [2.0], [2.4]]))
    assert column().index_add_(0, IDS, GRADIENTS, alpha=0.1)[2] > 3
    table = nn.Parameter(column())
    (table[IDS] * GRADIENTS).sum().backward()
    torch.testing.assert_close(column() - 0.1 * table.grad, moved)


def test_repeats_in_an_assignment():
    """exercise21/repeats_lost, exercise21/repeats_skipped, exercise21/repeats_averaged, exercise21.

    `weight[ids] -= moves` keeps one contribution; index_add_ and index_put_ keep all.
    """
    assigned = column()
    assigned[IDS] -= GRADIENTS
    assert assigned[2].item() in (1.0, -1.0)
    added = column().index_add_(0, IDS, -GRADIENTS)
    assert torch.equal(added, column().index_put_((IDS,), -GRADIENTS, accumulate=True))
    assert added[2] == 3 - 6
    assert IDS.unique(return_counts=True)[1].tolist() == [2]


def test_names_and_memory():
    """exercise21/caller_unchanged, exercise21/data_replaced, exercise21/copy_of_a_part.

    `.data = new` exchanges the memory; `reshape` and `contiguous` copy a part of a table.
    """
    weight = column()
    other, changed = weight.detach(), weight
    changed = changed - 1
    assert weight[0] == 1
    weight.data = weight.detach() - 1
    assert weight[0] == 0 and other[0] == 1
    part = torch.zeros(2, 5)[:, 1::2]
    for copy in (part.reshape(-1), part.contiguous()):
        copy.fill_(1)
        assert part.sum() == 0
    whole = torch.zeros(2, 2)
    whole.reshape(-1).fill_(1)
    assert whole.sum() == 4


def test_leaves_and_autograd():
    """exercise21/leaf_refused, exercise21/frozen, exercise21/autograd_left_off, exercise21.

    A leaf refuses a change in place; with autograd off, or frozen, nothing is recorded.
    """
    table = nn.Parameter(column())
    refuses(RuntimeError, table.index_add_, 0, IDS, GRADIENTS)
    with torch.no_grad():
        table.index_add_(0, IDS, GRADIENTS)
        assert not (table * 2).requires_grad
    assert table.is_leaf and table.requires_grad and (table * 2).requires_grad
    table.requires_grad_(False)
    refuses(RuntimeError, table.sum().backward)
    with torch.set_grad_enabled(False):
        recorded = nn.Parameter(column()).sum()
    refuses(RuntimeError, recorded.backward)


def test_gradients_dense_and_sparse():
    """exercise21, exercise21/dense_gradient: the gradient of a table is as large as the table.

    With `sparse=True`, it holds the looked-up rows only. `zeros_like`, `clone` and `weight - ...`
    are as large as the table, too.
    """
    dense, sparse = nn.Embedding(1000, 4), nn.Embedding(1000, 4, sparse=True)
    for layer in (dense, sparse):
        layer(IDS).sum().backward()
    assert dense.weight.grad.shape == (1000, 4) and not dense.weight.grad.is_sparse
    assert int((dense.weight.grad != 0).any(1).sum()) == 1
    assert sparse.weight.grad.coalesce().values().shape == (1, 4)
    weight = dense.weight.detach()
    for other in (torch.zeros_like(weight), weight.clone(), weight - 1):
        assert other.nbytes == weight.nbytes and not share_memory(other, weight)


def test_counts_of_rows():
    """exercise21/counted_for_each_row, exercise21: one number for each row.

    The one-hot product turns infinite gradients into nan in rows without an id.
    """
    assert len(torch.bincount(IDS, minlength=1000)) == 1000
    one_hot = F.one_hot(IDS, 3).float()
    rows = torch.tensor([[INFINITY], [1.0]])
    assert (one_hot.T @ rows)[0].isnan() and one_hot.numel() > column().numel()


def test_view_does_not_copy():
    """exercise21/viewed, exercise21/loop_over_first_dimension, exercise21: reshape copies.

    The gradient of a sum is expanded.
    """
    turned = torch.zeros(4, 3).T
    refuses(RuntimeError, turned.view, -1)
    assert not share_memory(turned.reshape(-1), turned)
    refuses(TypeError, iter, torch.tensor(3))
    kept = []
    rows = torch.zeros(2, 3, requires_grad=True) * 1
    rows.register_hook(kept.append)
    rows.sum().backward()
    assert kept[0].stride() == (0, 0)


def test_scaling_in_place():
    """exercise21/gradient_scaled_in_place: `*=` writes into the tensor, also through a reshape."""
    gradient = torch.ones(2, 2)
    rows = gradient.reshape(-1, 2)
    rows *= 3
    assert gradient.sum() == 12 and (0.1 * gradient) is not gradient


# Exercise 22: the closing quiz


def changed_rows(optimizer, layer: nn.Embedding, second: torch.Tensor, **options) -> list[int]:
    """The rows that the second step changes; the first one looks up the ids 0 and 1."""
    steps = optimizer(layer.parameters(), lr=0.1, **options)
    for idx in (torch.tensor([0, 1]), second):
        before = layer.weight.detach().clone()
        steps.zero_grad()
        layer(idx).sum().backward()
        steps.step()
    return (before != layer.weight).any(1).nonzero().flatten().tolist()


def test_optimizers_of_tables():
    """exercise22: Adam moves rows of earlier steps, SGD and SparseAdam those of this one.

    With weight decay every row moves. A weight, its gradient and Adam's moments are equally large.
    """
    second = torch.tensor([3])
    layer = nn.Embedding(6, 2)
    assert changed_rows(torch.optim.Adam, layer, second) == [0, 1, 3]
    assert changed_rows(torch.optim.SGD, nn.Embedding(6, 2), second) == [3]
    sparse = nn.Embedding(6, 2, sparse=True)
    assert changed_rows(torch.optim.SparseAdam, sparse, second) == [3]
    decayed = changed_rows(torch.optim.Adam, nn.Embedding(6, 2), second, weight_decay=0.1)
    assert decayed == list(range(6))

    optimizer = torch.optim.Adam(layer.parameters())
    layer(second).sum().backward()
    optimizer.step()
    moments = [tensor for tensor in optimizer.state[layer.weight].values() if tensor.dim()]
    assert [tensor.nbytes for tensor in (layer.weight.grad, *moments)] == [layer.weight.nbytes] * 3
    for optimizer, accepts in (("SGD", True), ("SparseAdam", True), ("Adam", False)):
        step = getattr(torch.optim, optimizer)(sparse.parameters(), lr=0.1).step
        if accepts:
            step()
        else:
            refuses(RuntimeError, step)


def test_gradient_of_scores():
    """exercise22: the right score gets its share minus 1, and an ignored target nothing."""
    scores = torch.zeros(2, 4, requires_grad=True)
    F.cross_entropy(scores, torch.tensor([-100, 1])).backward()
    assert scores.grad.tolist() == [[0, 0, 0, 0], [0.25, -0.75, 0.25, 0.25]]


def test_uses_of_one_row_add_up():
    """exercise22: a position is used once in each text, a token at each of its places."""
    tokens, positions = nn.Embedding(9, 2), nn.Embedding(9, 2)
    (tokens(torch.zeros(5, 3, dtype=torch.int64)) + positions(torch.arange(3))).sum().backward()
    assert (
        tokens.weight.grad[0, 0] == 15 and positions.weight.grad[:, 0].tolist() == [5] * 3 + [0] * 6
    )


def test_a_frozen_table_that_is_tied():
    """exercise22: from_pretrained keeps the padding row, and freezes what is tied to the table."""
    emb = nn.Embedding.from_pretrained(torch.ones(4, 2), padding_idx=1)
    lin = nn.Linear(2, 4)
    lin.weight = emb.weight
    assert emb.weight.sum() == 8
    assert sum(p.numel() for p in lin.parameters() if p.requires_grad) == 4
    trained = nn.Embedding.from_pretrained(torch.ones(4, 2), freeze=False, padding_idx=1)
    trained(torch.tensor([0, 1])).sum().backward()
    assert trained.weight.grad.tolist() == [[1, 1], [0, 0], [0, 0], [0, 0]]


def test_losses_of_equal_scores():
    """exercise22: log(2) for each word of skip-gram, log(n) for a softmax over n words."""
    assert math.isclose(-F.logsigmoid(torch.tensor(0.0)).item(), math.log(2), rel_tol=1e-6)
    loss = F.cross_entropy(torch.zeros(1, 7), TARGET)
    assert math.isclose(loss.item(), math.log(7), rel_tol=1e-6)


def test_directions_of_rows():
    """exercise22: the longest row has the largest dot product; angles shrink; zeros give nan.

    `F.normalize` and `F.cosine_similarity` return 0 for a row of zeros.
    """
    weight = torch.stack([torch.ones(20), torch.arange(20.0)], 1)
    assert int((weight @ weight[5]).argmax()) == 19
    cosine = F.cosine_similarity(weight[5], weight)
    assert int(cosine.argmax()) == 5 and int(cosine.argmin()) == 0 and cosine[6] > cosine[4]
    zeros = torch.zeros(1, 2)
    assert (zeros / zeros.norm(dim=1, keepdim=True)).isnan().all()
    assert F.normalize(zeros).sum() == 0 and F.cosine_similarity(zeros, weight[:1]) == 0


def test_max_norm_shortens_longer_rows():
    """exercise22: rows as long as max_norm stay, and longer ones change in the weight."""
    emb = nn.Embedding(4, 1, max_norm=2.0)
    emb.weight.data = torch.arange(4.0)[:, None]
    emb(torch.arange(4))
    assert emb.weight[:3, 0].tolist() == [0, 1, 2] and 1.99 < emb.weight[3, 0] < 2.01


def test_sparse_gradients_are_summed_by_coalesce():
    """exercise22: before it, the gradient has a row for each id that was looked up."""
    emb = nn.Embedding(9, 2, sparse=True)
    emb(torch.tensor([1, 1, 4])).sum().backward()
    assert emb.weight.grad._nnz() == 3
    assert emb.weight.grad.coalesce().values().tolist() == [[2, 2], [1, 1]]
