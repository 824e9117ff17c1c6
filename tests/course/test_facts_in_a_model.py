"""Facts about PyTorch that the section "In a model" states; see test_facts.py."""

import math

import numpy
import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 -- its usual name


def refuses(exception, function, *arguments, **options) -> None:
    with pytest.raises(exception):
        function(*arguments, **options)


# Exercise 13: cross-entropy


def test_example_of_cross_entropy():
    """exercise13: the losses are minus the log-softmax at the ids, and the result is their mean.

    The default of ignore_index is -100.
    """
    scores = torch.tensor([[0.0, 2.0], [1.0, 1.0], [5.0, 9.0]])
    target = torch.tensor([1, 0, -100])
    losses = F.cross_entropy(scores, target, reduction="none")
    torch.testing.assert_close(losses, torch.tensor([0.1269, 0.6931, 0.0]), rtol=0, atol=5e-5)
    assert F.cross_entropy(scores, target).item() == pytest.approx(0.4100, abs=5e-5)
    looked_up = -scores.log_softmax(-1)[[0, 1], target[:2]]
    torch.testing.assert_close(looked_up, losses[:2])


def test_loss_of_two_equal_scores():
    """exercise13/sign_missing, exercise13/logarithm_base_two, exercise13/no_logarithm: ln 2.

    In bits it is 1, so the factor is 1.4427. The natural gradient is the probabilities minus the
    one-hot row.
    """
    scores = torch.zeros(1, 2, requires_grad=True)
    loss = F.cross_entropy(scores, torch.tensor([1]))
    loss.backward()
    assert loss.item() == pytest.approx(0.6931, abs=5e-5)
    assert loss.item() / math.log(2) == pytest.approx(1.0)
    assert 1 / math.log(2) == pytest.approx(1.4427, abs=5e-5)
    torch.testing.assert_close(scores.grad, torch.tensor([[0.5, 0.5 - 1]]))
    assert F.nll_loss(scores.softmax(-1), torch.tensor([1])).item() == pytest.approx(-0.5)


def test_a_probability_hardly_changes_where_the_model_is_wrong():
    """exercise13/no_logarithm: minus a tiny probability has a tiny gradient."""
    scores = torch.tensor([20.0, 0.0], requires_grad=True)
    (slow,) = torch.autograd.grad(-scores.softmax(-1)[1], scores)
    (fast,) = torch.autograd.grad(-scores.log_softmax(-1)[1], scores)
    assert slow.abs().max() < 1e-7 and fast.abs().max() > 0.99


def test_a_second_softmax_keeps_the_loss_high():
    """exercise13/softmax_twice: the loss of [0, 100] is 0 with one softmax, and 0.31 with two."""
    scores = torch.tensor([0.0, 100.0])
    assert -scores.log_softmax(-1)[1] == 0
    assert (-scores.softmax(-1).log_softmax(-1)[1]).item() == pytest.approx(0.3133, abs=5e-5)


def test_only_differences_of_scores_count():
    """exercise13/no_softmax, exercise13/naive_logarithm: softmax ignores a common summand.

    A log-probability is a score minus the logarithm of the sum of exponentials.
    """
    scores = torch.tensor([[0.5, -1.0, 2.0]])
    torch.testing.assert_close((scores + 1).log_softmax(-1), scores.log_softmax(-1))
    by_hand = scores - scores.exp().sum(-1, keepdim=True).log()
    torch.testing.assert_close(by_hand, scores.log_softmax(-1))
    assert scores.softmax(-1).sum(-1).item() == pytest.approx(1.0)


def test_ways_to_look_up_one_number_per_row():
    """exercise13, exercise13/every_pair: gather and a pair of index lists, but not one list.

    gather refuses an id that is no class; brackets take -1 as the last column
    (exercise13/negative_id_wraps).
    """
    table, ids = torch.arange(12.0).reshape(3, 4), torch.tensor([1, 3, 0])
    paired = table[torch.arange(3), ids]
    assert torch.equal(table.gather(-1, ids.unsqueeze(-1)).squeeze(-1), paired)
    assert table[:, ids].shape == (3, 3)
    for bad in (4, -1):
        refuses(RuntimeError, table.gather, -1, torch.full((3, 1), bad))
    assert torch.arange(3)[torch.tensor([-1])].tolist() == [2]


def test_a_mask_selects_positions_of_any_shape():
    """exercise13: `scores[mask]` has shape (count, num), and `target[mask]` has shape (count,)."""
    for shape in ((), (3,), (2, 3)):
        target = torch.ones(shape, dtype=torch.int64)
        keep = target != -100
        assert torch.zeros(*shape, 5)[keep].shape == (target.numel(), 5)
        assert target[keep].shape == (target.numel(),)


def test_backward_needs_one_element():
    """exercise13/not_averaged: without an argument, backward works for one element only."""
    losses = torch.zeros(2, requires_grad=True) + 1
    refuses(RuntimeError, losses.backward)
    losses.mean().backward()


def test_zero_times_infinity_is_nan():
    """exercise13/masked_by_product: a mask of zeros removes only finite numbers; where selects."""
    bad = torch.tensor([math.inf, math.nan])
    assert (bad * 0).isnan().all()
    assert torch.where(torch.tensor([False, False]), bad, 0).tolist() == [0, 0]


def test_limits_of_exponentials():
    """exercise13/naive_logarithm, exercise13/logarithm_of_softmax, exercise13/one_maximum.

    In float32, exp of 89 is infinite, and the logarithm of a probability rounded to 0 is -inf.
    """
    assert torch.tensor([89.0]).exp().isinf() and torch.tensor([88.0]).exp().isfinite()
    assert torch.tensor([-200.0]).exp() == 0
    assert torch.tensor([0.0]).log() == -math.inf
    assert torch.tensor([0.0, 200.0]).softmax(-1).log()[0] == -math.inf
    assert torch.tensor([1000.0, 0.0]).log_softmax(-1).tolist() == [0, -1000]
    rows = torch.tensor([[1000.0, 999.0], [-1000.0, -999.0]])
    assert (rows - rows.max()).exp().sum(-1).log()[1] == -math.inf
    assert rows.log_softmax(-1).isfinite().all()


def test_a_clamp_cuts_the_loss_and_its_gradient():
    """exercise13/probability_clamped: the loss of [0, 100] for class 0 is 100."""
    scores = torch.tensor([0.0, 100.0], requires_grad=True)
    clamped = -scores.softmax(-1).clamp(min=1e-9).log()[0]
    (gradient,) = torch.autograd.grad(clamped, scores)
    assert -scores.log_softmax(-1)[0].item() == 100
    assert clamped.item() == pytest.approx(-math.log(1e-9)) and not gradient.any()


def test_gradients_of_a_row_add_up_to_zero():
    """exercise13/normalizer_detached: both terms of the loss have a gradient."""
    scores = torch.tensor([[0.3, -1.0, 2.0]], requires_grad=True)
    (whole,) = torch.autograd.grad(F.cross_entropy(scores, torch.tensor([1])), scores)
    assert whole.sum().item() == pytest.approx(0.0, abs=1e-6) and whole.all()
    (half,) = torch.autograd.grad((scores.detach().logsumexp(-1) - scores[0, 1]).sum(), scores)
    assert half.tolist() == [[0, -1, 0]]


def test_where_cross_entropy_wants_the_classes():
    """exercise13/classes_in_dimension_one: in dimension 1; a linear layer returns them last."""
    target = torch.zeros(2, 5, dtype=torch.int64)
    assert F.cross_entropy(torch.zeros(2, 3, 5), target).item() == pytest.approx(math.log(3))
    refuses(RuntimeError, F.cross_entropy, torch.zeros(2, 5, 3), target)
    assert nn.Linear(4, 3)(torch.zeros(2, 5, 4)).shape == (2, 5, 3)


def test_lists_of_positions():
    """exercise13/matrices_only: len is the size of dimension 0, and a 0-d tensor has none."""
    assert len(torch.arange(len(torch.zeros(2, 5)))) == 2
    refuses(TypeError, len, torch.tensor(3))


def test_ids_that_are_no_class():
    """exercise13/clamped_id, exercise13/unmatched_is_zero: what hides an id out of range."""
    target = torch.tensor([3])
    assert target.clamp(0, 2).tolist() == [2]
    assert not (target.unsqueeze(-1) == torch.arange(3)).any()
    refuses(IndexError, F.cross_entropy, torch.zeros(1, 3), target)


def test_log_softmax_keeps_the_dtype():
    """exercise13/always_float32, exercise13/detached: `.float()` and `.detach()` do not."""
    scores = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    assert scores.log_softmax(-1).dtype is torch.float64
    assert scores.float().dtype is torch.float32
    assert not scores.detach().log_softmax(-1).requires_grad


def test_what_writes_into_the_target():
    """exercise13/target_overwritten, exercise13/ignored_as_class_zero: an assignment does."""
    target = torch.tensor([1, -100])
    keep = target != -100
    for other in (torch.where(keep, target, 0), target.masked_fill(~keep, 0)):
        assert other.tolist() == [1, 0] and target.tolist() == [1, -100]
    target[~keep] = 0
    assert target.tolist() == [1, 0]


# Exercise 14: the start of a tied model


def tied_loss(std: float) -> float:
    """The loss of a fresh tied model with 1000 ids and vectors of 64 numbers."""
    torch.manual_seed(0)
    weight = std * torch.randn(1000, 64)
    scores = weight[:500] @ weight.T
    return F.cross_entropy(scores, torch.randperm(1000)[:500]).item()


def test_where_the_loss_of_a_tied_model_starts():
    """exercise14, exercise14/only_tied, exercise14/default_scale: near ln(num), or far above it.

    nn.Embedding draws with standard deviation 1, and a row times itself is about dim. A model whose
    scores are all equal has the loss ln(num).
    """
    torch.manual_seed(0)
    weight = nn.Embedding(1000, 64).weight.detach()
    assert weight.std().item() == pytest.approx(1.0, abs=0.02)
    assert weight.square().sum(1).mean().item() == pytest.approx(64, rel=0.02)
    assert math.log(1000) == pytest.approx(6.91, abs=0.005)
    assert tied_loss(0.02) == pytest.approx(math.log(1000), abs=0.05)
    assert tied_loss(1.0) > 5 * math.log(1000)
    equal = F.cross_entropy(torch.zeros(4, 1000), torch.arange(4)).item()
    assert equal == pytest.approx(math.log(1000))


def test_what_normal_draws():
    """exercise14/variance_for_std, exercise14/std_as_mean, exercise14/default_scale: its arguments.

    The second is the mean and the third the standard deviation, by default 1. It keeps the
    Parameter, needs no `torch.no_grad()`, and fills the padding row (exercise14,
    exercise14/padding_forgotten, exercise14/new_parameter).
    """
    torch.manual_seed(0)
    layer = nn.Embedding(1000, 64, padding_idx=3)
    weight = layer.weight
    assert not weight[3].any()
    assert nn.init.normal_(weight, 5.0).mean().item() == pytest.approx(5.0, abs=0.02)
    assert nn.init.normal_(weight).std().item() == pytest.approx(1.0, abs=0.02)
    nn.init.normal_(weight, std=0.25)
    assert weight.std().item() == pytest.approx(0.25, abs=0.01)
    assert layer.weight is weight and weight[3].all()
    assert torch.randn(64_000).std().item() == pytest.approx(1.0, abs=0.02)
    assert pytest.approx(7.07, abs=0.005) == 0.02**0.5 / 0.02


def test_scales_that_depend_on_sizes():
    """exercise14/xavier, exercise14/initialized_afterwards: Xavier, and a linear layer's reset.

    The reset of a tied projection draws numbers for both layers.
    """
    torch.manual_seed(0)
    few, many = (nn.init.xavier_normal_(torch.empty(num, 64)).std() for num in (100, 10_000))
    assert many < few / 5
    embedding, projection = nn.Embedding(1000, 64), nn.Linear(64, 1000)
    projection.weight = embedding.weight
    projection.reset_parameters()
    assert embedding.weight.std().item() == pytest.approx((1 / 64 / 3) ** 0.5, rel=0.02)


def test_evenly_spread_numbers_end_early():
    """exercise14/uniform_numbers: at 1.73 standard deviations; many normal ones exceed 3."""
    torch.manual_seed(0)
    evenly = nn.init.uniform_(torch.empty(10_000), -1, 1)
    assert (evenly.abs().max() / evenly.std()).item() == pytest.approx(1.73, abs=0.02)
    assert torch.randn(10_000).abs().max() > 3


def test_a_seed_starts_the_numbers_again():
    """exercise14/same_numbers_each_time: the same seed gives the same numbers."""
    first, second = (torch.randn(3, generator=torch.Generator().manual_seed(0)) for _ in range(2))
    assert torch.equal(first, second)


def test_an_index_of_none_selects_everything():
    """exercise14/none_as_index, exercise14/padding_zero_missed: weight[None] is a larger view."""
    weight = torch.ones(3, 2)
    assert weight[None].shape == (1, 3, 2)
    weight[None] = 0
    assert not weight.any() and not bool(0)


def test_the_bias_of_a_projection():
    """exercise14, exercise14/bias_left, exercise14/bias_removed, exercise14/bias_expected.

    It starts random. Without one the attribute is None, which cannot be filled, and a saved bias
    does not load.
    """
    with_bias, without = nn.Linear(4, 9), nn.Linear(4, 9, bias=False)
    assert with_bias.bias.unique().numel() == 9 and without.bias is None
    refuses(AttributeError, nn.init.zeros_, without.bias)
    refuses(RuntimeError, without.load_state_dict, with_bias.state_dict())


@pytest.mark.parametrize("name", ["weight", "bias"])
def test_an_optimizer_keeps_the_parameter_that_it_got(name):
    """exercise14, exercise14/new_parameter, exercise14/bias_replaced: a new one is not trained.

    An optimizer moves the Parameters that it was given by their gradients.
    """
    layer = nn.Linear(2, 3)
    given = dict(layer.named_parameters())
    setattr(layer, name, nn.Parameter(torch.ones_like(given[name])))
    layer(torch.ones(2)).sum().backward()
    assert given[name].grad is None and getattr(layer, name).grad is not None


def test_both_directions_tie():
    """exercise14/parameter_of_the_projection, exercise14/copied_not_tied: one Parameter or two."""
    embedding, projection = nn.Embedding(5, 3), nn.Linear(3, 5)
    projection.weight = embedding.weight
    projection.weight.data[0] = 7
    assert embedding.weight is projection.weight and (embedding.weight[0] == 7).all()
    other = nn.Linear(3, 5)
    with torch.no_grad():
        other.weight.copy_(embedding.weight)
        embedding.weight[1] = 8
    assert not torch.equal(other.weight, embedding.weight)


def test_parameters_of_one_memory_have_gradients_of_their_own():
    """exercise14/memory_shared: numbers written into one appear in the other; gradients do not."""
    first = nn.Embedding(5, 3).weight
    second = nn.Parameter(first.data)
    first.data[0] = 7
    second.sum().backward()
    assert (second[0] == 7).all() and first.grad is None


def test_a_leaf_changes_in_place_only_without_a_graph():
    """exercise14, exercise14/written_with_a_graph, exercise14/frozen: under `torch.no_grad()`."""
    weight = nn.Embedding(5, 3).weight
    with pytest.raises(RuntimeError, match="leaf"):
        weight[0] = 0
    with torch.no_grad():
        weight[0] = 0
    assert weight.requires_grad and not weight.detach()[0].any()
    assert not weight.requires_grad_(False).requires_grad


def test_scaled_numbers_are_not_new():
    """exercise14/old_numbers_scaled: a product of ones with std holds std everywhere."""
    assert torch.ones(3).mul_(0.5).tolist() == [0.5, 0.5, 0.5]


# Exercise 15: tokens and positions


def test_example_of_tokens_and_positions():
    """exercise15: the rows of the ids plus the rows 1 and 2 of the positions."""
    tokens = torch.tensor([[1.0], [2.0]])
    positions = torch.tensor([[10.0], [20.0], [30.0]])
    found = tokens[torch.tensor([1, 1])] + positions[torch.arange(1, 3)]
    assert found.tolist() == [[22], [32]]


def test_an_id_has_the_same_row_in_each_place():
    """exercise15, exercise15/position_of_the_id, exercise15/positions_forgotten: one row."""
    rows = nn.Embedding(5, 3)(torch.tensor([2, 2]))
    assert torch.equal(rows[0], rows[1])


def test_a_slice_is_shorter_and_an_index_raises():
    """exercise15, exercise15/slice_too_short, exercise15/slice_ends_too_early: no error.

    A slice with one row is added to every row, and one without rows makes a single row vanish. The
    second number of a slice is its end.
    """
    positions = torch.arange(5.0)[:, None]
    assert len(positions[4:8]) == 1
    assert (torch.zeros(4, 1) + positions[4:8]).tolist() == [[4]] * 4
    assert (torch.zeros(1, 1) + positions[5:6]).shape == (0, 1)
    refuses(IndexError, lambda: positions[torch.arange(4, 8)])
    assert torch.arange(10)[4:3].numel() == 0
    assert torch.arange(2, 5).tolist() == [2, 3, 4]


def test_positions_are_added_to_each_text():
    """exercise15, exercise15/counted_through_the_batch, exercise15/length_of_the_first_dimension.

    A table (length, dim) broadcasts over a batch, but not one of the number of texts
    (exercise15/counted_along_the_batch, exercise15/two_dimensions_only).
    """
    rows, idx = torch.zeros(3, 5, 2), torch.zeros(3, 5, dtype=torch.int64)
    positions = torch.arange(10.0).reshape(5, 2)
    assert torch.equal((rows + positions)[2], positions)
    assert len(idx) == idx.shape[0] == 3 and idx.shape[-1] == 5
    assert torch.arange(idx.numel())[-1] == 14
    refuses(RuntimeError, torch.add, rows, positions[:3])


def test_gradients_of_a_sum_and_of_a_product():
    """exercise15/multiplied: a sum passes its gradient on, a product multiplies it."""
    first, second = torch.tensor([2.0], requires_grad=True), torch.tensor([0.0], requires_grad=True)
    assert [each.item() for each in torch.autograd.grad(first + second, (first, second))] == [1, 1]
    assert [each.item() for each in torch.autograd.grad(first * second, (first, second))] == [0, 2]


def test_shape_of_concatenated_rows():
    """exercise15/concatenated: twice as many columns."""
    assert torch.cat([torch.zeros(4, 3), torch.zeros(4, 3)], -1).shape == (4, 6)


def test_what_makes_positions_repeat():
    """exercise15/positions_wrap, exercise15/positions_clamped: two places with one position."""
    places = torch.arange(4)
    assert (places % 3).tolist() == [0, 1, 2, 0]
    assert places.clamp(max=2).tolist() == [0, 1, 2, 2]


def test_detached_tables_are_not_trained():
    """exercise15/tokens_detached, exercise15/positions_frozen: only the other one gets a gradient.

    A row that is used several times gets the sum (exercise15).
    """
    tokens, positions = (torch.zeros(3, 2, requires_grad=True) for _ in range(2))
    (tokens.detach()[[1, 1]] + positions[[0, 1]]).sum().backward()
    assert tokens.grad is None and positions.grad.sum() == 4
    tokens[[1, 1]].sum().backward()
    assert tokens.grad.tolist() == [[0, 0], [2, 2], [0, 0]]


def test_float16_rows_in_a_float32_layer():
    """exercise15/always_float32: a float16 layer refuses a float32 input."""
    refuses(RuntimeError, nn.Linear(2, 2).half(), torch.zeros(2))


def test_index_select_accepts_int32():
    """exercise15/only_int64: index_select, brackets and F.embedding do; see also test_facts.py."""
    ids = torch.tensor([1], dtype=torch.int32)
    assert torch.arange(3).index_select(0, ids).tolist() == [1]
    assert torch.arange(3)[ids].tolist() == [1]
    assert F.embedding(ids, torch.eye(2)).tolist() == [[0, 1]]


def test_methods_that_write_into_ids():
    """exercise15/ids_changed: `+=` writes into the tensor, and `idx + 1` makes a new one."""
    idx = same = torch.tensor([1])
    assert (idx + 1).tolist() == [2] and same.tolist() == [1]
    idx += 1
    assert same.tolist() == [2]


# Exercise 16: a pretrained table


def test_what_from_pretrained_does():
    """exercise16, exercise16/always_frozen, exercise16/padding_row_not_cleared: as it is, frozen.

    It shares memory with the table, and padding_idx does not clear the row. nn.Embedding clears it
    when it is built (exercise16/memory_of_the_only_vector).
    """
    table = torch.ones(3, 2)
    layer = nn.Embedding.from_pretrained(table, padding_idx=0)
    assert not layer.weight.requires_grad and layer.weight[0].tolist() == [1, 1]
    assert nn.Embedding.from_pretrained(table, freeze=False).weight.requires_grad
    table[1] = 5
    assert layer.weight[1].tolist() == [5, 5]
    fresh = nn.Embedding(3, 2, padding_idx=0)
    assert not fresh.weight[0].any()
    with torch.no_grad():
        fresh.weight.copy_(table)
    assert fresh.weight[0].all()


def test_views_and_copies_of_a_vector():
    """exercise16/memory_of_the_only_vector: views and nn.Parameter share, stack and clone copy."""
    vector = torch.zeros(4)
    shared = [vector.reshape(1, 4), vector.view(1, 4), vector.unsqueeze(0), nn.Parameter(vector)]
    copied = [torch.stack([vector]), vector.clone()]
    vector.fill_(7)
    assert all((each == 7).all() for each in shared)
    assert not any(each.any() for each in copied)


def test_what_freezes_a_weight():
    """exercise16/never_frozen: `weight.data.requires_grad = False` changes nothing."""
    weight = nn.Embedding(3, 2).weight
    weight.data.requires_grad = False
    assert weight.requires_grad
    assert not weight.requires_grad_(False).requires_grad


def test_a_padding_row_without_padding_idx_is_trained():
    """exercise16/padding_idx_forgotten: its gradient is like any other's."""
    for padding, moved in ((None, True), (0, False)):
        layer = nn.Embedding.from_pretrained(torch.zeros(3, 2), freeze=False, padding_idx=padding)
        layer(torch.tensor([0])).sum().backward()
        assert bool(layer.weight.grad[0].any()) is moved


def test_dictionaries_and_lists_of_words():
    """exercise16/unknown_word_raises, exercise16/vectors_filled_up, exercise16/lower_case: Python.

    `words.index` finds the id (exercise16, exercise16/words_sorted). A dictionary keeps the order
    in which it was filled (exercise16/order_of_the_dictionary).
    """
    vectors = {"b": 1, "a": 2}
    assert list(vectors) == ["b", "a"] and sorted(vectors) == ["a", "b"]
    refuses(KeyError, lambda: vectors["c"])
    vectors.setdefault("c", 3)
    assert len(vectors) == 3 and ["x", "<pad>"].index("<pad>") == 1
    assert "Cat".lower() == "cat ".strip()
    assert not bool(0)  # exercise16/padding_zero_missed


def test_assignment_converts_to_the_dtype_of_the_table():
    """exercise16, exercise16/dtype_of_the_vectors: float64 vectors become float32 rows.

    NumPy computes in float64, and a float32 layer refuses float64 rows.
    """
    table = torch.zeros(2, 3)
    table[0] = torch.ones(3, dtype=torch.float64)
    assert table.dtype is torch.float32 and table[0].all()
    assert torch.from_numpy(numpy.zeros(2)).dtype is torch.float64
    refuses(RuntimeError, nn.Linear(3, 1), torch.zeros(3, dtype=torch.float64))


def test_a_new_embedding_is_random():
    """exercise16/all_random, exercise16/unknown_zero, exercise16/unknown_alike, exercise16/seeded.

    Its rows differ, and those of two layers too, unless the seed is the same.
    """
    first, second = nn.Embedding(5, 3).weight, nn.Embedding(5, 3).weight
    assert len(torch.cat([first, second]).unique(dim=0)) == 10
    assert torch.randn(5, 3).shape == (5, 3)


def test_methods_that_change_a_vector():
    """exercise16/padding_vector_cleared: `zero_`, an assignment to a slice, and `/=`."""
    first, second, third = torch.ones(3, 2).unbind()
    same = first, second, third
    first.zero_()
    second[:] = 0
    third /= 2
    assert [each.tolist() for each in same] == [[0, 0], [0, 0], [0.5, 0.5]]
