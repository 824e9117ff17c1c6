"""Facts about PyTorch that the section "In a model" states; see test_facts.py."""

import math

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
    scores = torch.tensor([[0.0, 2.0, 0.0], [1.0, 1.0, 1.0], [5.0, 0.0, 9.0]])
    target = torch.tensor([1, 2, -100])
    losses = F.cross_entropy(scores, target, reduction="none")
    torch.testing.assert_close(losses, torch.tensor([0.2395, 1.0986, 0.0]), rtol=0, atol=5e-5)
    assert F.cross_entropy(scores, target).item() == pytest.approx(0.6691, abs=5e-5)
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
    """exercise14, exercise14/new_parameter, exercise14/bias_replaced: a new one is not trained."""
    layer = nn.Linear(2, 3)
    optimizer = torch.optim.SGD(layer.parameters(), lr=1.0)
    setattr(layer, name, nn.Parameter(torch.ones_like(getattr(layer, name))))
    layer(torch.ones(2)).sum().backward()
    optimizer.step()
    assert (getattr(layer, name) == 1).all()


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
