"""Hidden checks of exercise 3. ``F.linear`` on one-hot rows gives the expected tables."""

import torch
from torch.nn import functional as F

from grader.checks import assert_close, assert_equal, assert_shape, reference_vjp


def layer(rng, num, dim, dtype=torch.float32):
    """Return the weight and the bias of a random ``nn.Linear(num, dim)`` with distinct numbers."""
    weight = torch.randn(dim, num, generator=rng, dtype=torch.float64)
    bias = torch.randn(dim, generator=rng, dtype=torch.float64)
    return weight.to(dtype), bias.to(dtype)


def sent(device, *tensors):
    """Return the tensors on the device, as leaves that keep ``requires_grad``; None stays None."""
    return [
        None if tensor is None else tensor.detach().to(device).requires_grad_(tensor.requires_grad)
        for tensor in tensors
    ]


def answers(weight):
    """Return what a linear layer without a bias gives for each one-hot row, in float64."""
    one_hot = torch.eye(weight.shape[1], dtype=torch.float64)
    return F.linear(one_hot, weight.double()).to(weight.dtype)


def one_hot_product(weight, bias=None):
    """Return the same with a bias, in the dtype of the weight, with gradients."""
    return F.linear(torch.eye(weight.shape[1], dtype=weight.dtype), weight, bias)


def all_in_float32(value):
    """Return whether float32 can hold every number of ``value`` exactly.

    Numbers computed in float64 almost never fit into float32 by chance.
    """
    return bool((value == value.float()).all())


def test_table(learner, rng, device):
    """Convert a layer without a bias: leave it out, then pass None."""
    weight, _ = layer(rng, 4, 3)
    assert_close(learner.linear_to_embedding(weight.to(device)), answers(weight))
    weight, _ = layer(rng, 7, 2)
    assert_close(learner.linear_to_embedding(weight.to(device), None), answers(weight))


def test_bias(learner, rng, device):
    """The bias is added to each row, if passed by position or by name.

    The check compares the tables with and without a bias, so that a wrong table costs points in
    one check only.
    """
    for num, dim, by_name in ((5, 3, False), (7, 2, True)):
        weight, bias = layer(rng, num, dim)
        without = learner.linear_to_embedding(weight.to(device))
        assert_shape(without, (num, dim), "the table without a bias")
        if by_name:
            table = learner.linear_to_embedding(weight.to(device), bias=bias.to(device))
        else:
            table = learner.linear_to_embedding(*sent(device, weight, bias))
        assert_shape(table, (num, dim), "the table with a bias")
        added = (table.double() - without.double()).float()
        assert_close(added, bias.expand(num, dim), "what the bias adds to the table")


def test_any_sizes(learner, rng, device):
    """Sizes that expose guessing which one is num. Only this check uses equal sizes."""
    for num, dim in ((3, 5), (4, 4), (1, 6), (6, 1), (1, 1)):
        weight, _ = layer(rng, num, dim)
        assert_close(learner.linear_to_embedding(weight.to(device)), answers(weight))


def test_dtype(learner, rng, device):
    """The table keeps each float dtype.

    A float64 weight must not pass through float32 on the way, because that loses digits.
    """
    for dtype in (torch.float64, torch.float16, torch.bfloat16, torch.float32):
        weight, bias = layer(rng, 5, 3, dtype)
        for given in (None, bias):
            table = learner.linear_to_embedding(*sent(device, weight, given))
            assert_equal(table.dtype, dtype, "the dtype of the table")
            if dtype is torch.float64:
                assert_equal(
                    all_in_float32(table),
                    False,
                    "whether float32 can hold every number of the table",
                )


def read_memory(learner, weight, bias) -> tuple[torch.Tensor, torch.Tensor]:
    """Called linear_to_embedding(weight, bias), then read the table's memory number by number.

    In a contiguous table, row 0 comes first, then row 1, and so on.
    """
    table = learner.linear_to_embedding(weight, bias)
    return table, torch.as_strided(table, (table.numel(),), (1,))


def test_contiguous(learner, rng, device):
    """The numbers lie in memory in row order."""
    for with_bias in (False, True):
        weight, bias = layer(rng, 5, 3)
        table, memory = learner.run(read_memory, *sent(device, weight, bias if with_bias else None))
        assert_equal(memory, table.flatten(), "the numbers of the table in memory order")


def change_the_layer_later(learner, weight, bias) -> tuple[torch.Tensor, torch.Tensor]:
    """Called linear_to_embedding(weight, bias), then added 100 to weight and bias.

    Returns a copy of the table from before the change, and the table after it.
    """
    table = learner.linear_to_embedding(weight, bias)
    before = table.clone()
    weight.add_(100)
    if bias is not None:
        bias.add_(100)
    return before, table


def test_own_memory(learner, rng, device):
    """The table does not change with the layer.

    Includes tables with one row or one column, where a view is contiguous.
    """
    for num, dim in ((5, 3), (6, 1), (1, 7)):
        weight, bias = layer(rng, num, dim)
        for given in (None, bias):
            before, after = learner.run(change_the_layer_later, *sent(device, weight, given))
            assert_equal(after, before, "the table after a change of the layer")


def look_afterwards(learner, weight, bias) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Called linear_to_embedding(weight, bias), then read its result, weight and bias."""
    table = learner.linear_to_embedding(weight, bias)
    return table, weight, bias


def test_inputs_untouched(learner, rng, device):
    """The layer is the same after the conversion."""
    weight, bias = layer(rng, 5, 3)
    _, weight_after, bias_after = learner.run(look_afterwards, *sent(device, weight, bias))
    assert_equal(weight_after, weight, "weight after the call")
    assert_equal(bias_after, bias, "bias after the call")


def gradients(learner, rng, device, *arguments):
    """Return the learner's gradients and those of the linear layer."""
    num, dim = arguments[0].shape[::-1]
    cotangent = torch.randn(num, dim, generator=rng)
    _, expected = reference_vjp(one_hot_product, *arguments, cotangent=cotangent)
    _, found = learner.vjp(
        "linear_to_embedding", *sent(device, *arguments), cotangent=cotangent.to(device)
    )
    return found, expected


def test_weight_gradient(learner, rng, device):
    """The weight gets the same gradient as in the linear layer, with and without a bias."""
    for with_bias in (False, True):
        weight, bias = layer(rng, 5, 3)
        found, expected = gradients(
            learner, rng, device, weight.requires_grad_(), bias if with_bias else None
        )
        assert_close(found[0], expected[0], "the gradient of weight")


def test_bias_gradient(learner, rng, device):
    """The bias is in every row, so it gets the sum of the gradients of all rows."""
    weight, bias = layer(rng, 6, 4)
    found, expected = gradients(learner, rng, device, weight, bias.requires_grad_())
    assert_close(found[1], expected[1], "the gradient of bias")
