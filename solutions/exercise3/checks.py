"""Hidden checks of exercise 3. Transpose and addition give the expected tables.

Each check compares values without a bias, so code that computes nothing earns nothing. Values
with a bias belong to ``bias`` and ``any_sizes``, so that a wrong bias does not cost everything.
"""

from typing import Any

import torch

from grader.checks import (
    assert_close,
    assert_equal,
    distinct_sizes,
    noncontiguous,
    pairwise,
    reference_vjp,
)


def by_columns(weight):
    """Return a copy of ``weight`` that is stored column by column.

    Several columns of several numbers are a part of a wider table.
    """
    copies = 1 if 1 in weight.shape else 2
    wide = torch.cat([weight.T] * copies, 1)
    return wide[:, : len(weight)].T


COMBINATIONS = tuple(
    pairwise(
        # Only a bias of several numbers that are not zero shows where they were read, and only its
        # gradient shows whether a bias of zeros was used.
        without=(
            {"bias": None, "arrange_bias": noncontiguous},
            {"bias": "zeros", "arrange_bias": noncontiguous},
            {"size": (4, 1), "arrange_bias": noncontiguous},
            {"bias": None, "trains_bias": True},
            {"bias": "zeros", "trains_bias": False},
        ),
        dtype=(torch.float32, torch.float64, torch.float16, torch.bfloat16),
        size=((5, 3), (1, 4), (4, 1), (3, 3)),
        bias=("random", "zeros", None),
        arrange_weight=(torch.clone, by_columns, noncontiguous),
        arrange_bias=(torch.clone, noncontiguous),
        trains_weight=(False, True),
        trains_bias=(False, True),
    )
)


def layer(rng, num, dim, dtype=torch.float32):
    """Return the weight and the bias of a random ``nn.Linear(num, dim)`` with distinct numbers."""
    weight = torch.randn(dim, num, generator=rng, dtype=torch.float64)
    bias = torch.randn(dim, generator=rng, dtype=torch.float64)
    return weight.to(dtype), bias.to(dtype)


def drawn_layer(rng):
    """Return a random layer with more ids than columns: guessing sizes costs one check only."""
    dim, num = sorted(distinct_sizes(rng, 2))
    return layer(rng, num, dim)


def many(rng):
    """Return a number of ids between 4,100 and 4,200. Code may use the identity of this size."""
    return int(torch.randint(4100, 4200, (), generator=rng))


def sent(device, *tensors):
    """Return the tensors on the device, as leaves that keep ``requires_grad``; None stays None."""
    return [
        None if tensor is None else tensor.detach().to(device).requires_grad_(tensor.requires_grad)
        for tensor in tensors
    ]


def all_in_float32(value):
    """Return whether float32 can hold every number of ``value`` exactly.

    Numbers computed in float64 almost never fit into float32 by chance.
    """
    return bool((value == value.float()).all())


def reference(weight, bias=None):
    """Return what the linear layer gives for each one-hot row, in the dtype of the weight."""
    return weight.T if bias is None else weight.T + bias


def compare(learner, device, *layer):
    """Convert a layer. float64 tables must be equal: each number is one product or one sum."""
    table = learner.linear_to_embedding(*sent(device, *layer))
    if layer[0].dtype is torch.float64:
        assert_equal(table, reference(*layer))
    else:
        # A GPU may compute with fewer digits.
        assert_close(table, reference(*layer))


def test_table(learner, rng, device):
    """Convert a layer without a bias: leave it out, then pass None with a transposed weight."""
    weight, _ = drawn_layer(rng)
    compare(learner, device, weight)
    weight, _ = drawn_layer(rng)
    compare(learner, device, noncontiguous(weight), None)


def test_bias(learner, rng, device):
    """The bias is added to each row, if passed by position or by name.

    A bias can be a single number, and all of its numbers can be equal. The second layer has so many
    ids that code which works in blocks needs several.
    """
    weight, bias = drawn_layer(rng)
    given, named = sent(device, weight, bias)
    assert_close(learner.linear_to_embedding(given, bias=named), reference(weight, bias))
    compare(learner, device, *layer(rng, many(rng), 3))
    compare(learner, device, *layer(rng, 5, 1))
    weight, bias = layer(rng, 6, 4)
    # The largest finite numbers stay finite.
    weight[1, 2] = 0.9 * torch.finfo(weight.dtype).max
    compare(learner, device, weight, bias[:1].expand(4))
    # The sizes of the statement's example, with other numbers.
    compare(learner, device, *layer(rng, 3, 2))


def test_any_sizes(learner, rng, device):
    """Sizes that expose guessing which one is num. Only this check uses equal sizes."""
    for num, dim in ((3, 5), (4, 4), (1, 6), (6, 1), (1, 1)):
        weight, _ = layer(rng, num, dim)
        compare(learner, device, weight)
    compare(learner, device, *layer(rng, 5, 5))


def test_dtype(learner, rng, device):
    """The table keeps each float dtype, and each number of it.

    The layers contain numbers that a smaller dtype cannot hold. With 300 columns, the number of
    a column is not exact in bfloat16.
    """
    for num, dtype in (
        (7, torch.float64),
        (5, torch.float16),
        (300, torch.bfloat16),
        (6, torch.float32),
    ):
        weight, bias = layer(rng, num, 3, dtype)
        limits = torch.finfo(dtype)
        # The sum of these numbers is infinite, but none of them is.
        weight[0, :2] = limits.max
        weight[0, num - 2] = limits.max
        weight[2, num - 1] = limits.tiny
        compare(learner, device, weight)
        table = learner.linear_to_embedding(*sent(device, weight, bias))
        assert_equal(table.dtype, dtype, "the dtype of the table")
        if dtype is torch.float64:
            name = "whether float32 can hold every number of the table"
            assert_equal(all_in_float32(table), False, name)


def read_memory(learner, weight, bias) -> tuple[torch.Tensor, torch.Tensor]:
    """Called linear_to_embedding(weight, bias), then read the table's memory number by number.

    In a contiguous table, row 0 comes first, then row 1, and so on.
    """
    table = learner.linear_to_embedding(weight, bias)
    return table, torch.as_strided(table, (table.numel(),), (1,))


def test_contiguous(learner, rng, device):
    """The numbers lie in memory in row order, also if the weight is transposed."""
    weight, bias = drawn_layer(rng)
    wide = noncontiguous(weight).repeat_interleave(2, 1)
    for given in (
        (weight, None),
        (weight, bias),
        (noncontiguous(weight), None),
        # Every second column of a larger weight: `clone` keeps the order of its strides.
        (wide[:, ::2], None),
    ):
        table, memory = learner.run(read_memory, *sent(device, *given))
        if given[1] is None:
            assert_close(table, reference(*given))
        assert_equal(memory, table.flatten(), "the numbers of the table in memory order")


def change_the_layer_later(learner, weight, bias, change) -> tuple[torch.Tensor, torch.Tensor]:
    """Called linear_to_embedding(weight, bias), then added a number to weight and bias.

    Returns a copy of the table from before the change, and the table after it.
    """
    table = learner.linear_to_embedding(weight, bias)
    before = table.clone()
    weight.add_(change)
    if bias is not None:
        bias.add_(change)
    return before, table


def test_own_memory(learner, rng, device):
    """The table does not change with the layer.

    Includes a transposed weight and tables with one row, one column, or one number, where a view of
    the weight is contiguous.
    """
    change = 1 + torch.rand((), generator=rng)
    weight, bias = layer(rng, 7, 4)
    for given in (
        (weight, None),
        (weight, bias),
        (noncontiguous(layer(rng, 5, 3)[0]), None),
        (layer(rng, 6, 1)[0], None),
        (layer(rng, 1, 7)[0], None),
        (layer(rng, 1, 1)[0], None),
        # The bias alone is the table, too.
        (torch.zeros(4, 1), bias),
    ):
        before, after = learner.run(change_the_layer_later, *sent(device, *given, change))
        if given[1] is None:
            assert_close(before, reference(given[0]))
        assert_equal(after, before, "the table after a change of the layer")


def look_afterwards(learner, weight, bias) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Called linear_to_embedding(weight, bias), then read its result, weight and bias."""
    table = learner.linear_to_embedding(weight, bias)
    return table, weight, bias


def test_inputs_untouched(learner, rng, device):
    """The layer is the same after the conversion.

    The grader itself compares the arguments of every other call, also of the second one here.
    """
    weight, bias = drawn_layer(rng)
    _, weight_after, bias_after = learner.run(look_afterwards, *sent(device, weight, bias))
    assert_equal(weight_after, weight, "weight after the call")
    assert_equal(bias_after, bias, "bias after the call")
    compare(learner, device, noncontiguous(weight))


def gradients(learner, rng, device, *arguments):
    """Return the learner's gradients and those of the linear layer."""
    num, dim = arguments[0].shape[::-1]
    cotangent = noncontiguous(torch.randn(num, dim, generator=rng))
    _, expected = reference_vjp(reference, *arguments, cotangent=cotangent)
    _, found = learner.vjp(
        "linear_to_embedding", *sent(device, *arguments), cotangent=cotangent.to(device)
    )
    return found, expected


def multiply_without_gradients(learner, weight, bias) -> tuple[torch.Tensor, bool, bool]:
    """Called linear_to_embedding(weight, bias) under torch.no_grad(), then computed weight * 2.

    Returns the table, and whether table and product require a gradient.
    """
    with torch.no_grad():
        table = learner.linear_to_embedding(weight, bias)
        product = weight * 2
    return table, table.requires_grad, product.requires_grad


def test_weight_gradient(learner, rng, device):
    """The weight gets the same gradient as in the linear layer, with and without a bias.

    A weight of equal columns can be expanded from one column. Its gradient has a place for each.
    """
    for num, dim, with_bias in ((5, 3, False), (6, 1, True), (4, 2, False), (many(rng), 2, True)):
        weight, bias = layer(rng, num, dim)
        if num == 4:
            weight = weight[:, :1].expand(dim, num)
        given = bias if with_bias else None
        found, expected = gradients(learner, rng, device, weight.requires_grad_(), given)
        assert_close(found[0], expected[0], "the gradient of weight")

    for with_bias in (False, True):
        weight, bias = (tensor.requires_grad_() for tensor in layer(rng, 5, 3))
        given = bias if with_bias else None
        found = learner.run(multiply_without_gradients, *sent(device, weight, given))
        expected = reference(weight, given).detach()
        assert_close(found[0], expected, "the table under torch.no_grad()")
        name = "whether the table under torch.no_grad() requires a gradient"
        assert_equal(found[1], False, name)
        name = "whether a product requires a gradient, under torch.no_grad() and after the call"
        assert_equal(found[2], False, name)


def test_bias_gradient(learner, rng, device):
    """The bias is in every row, so it gets the sum of the gradients of all rows.

    This holds for a bias of zeros, as many layers start with one, for a bias of one number, and if
    the weight is frozen.
    """
    for num, dim, scale, is_frozen in ((6, 4, 1, False), (7, 3, 0, True), (5, 1, 1, False)):
        weight, bias = layer(rng, num, dim)
        weight.requires_grad_(not is_frozen)
        bias = (bias * scale).requires_grad_()
        found, expected = gradients(learner, rng, device, weight, bias)
        assert_close(found[1], expected[1], "the gradient of bias")


def convert_and_train(learner, weight, bias, cotangent, change) -> tuple[torch.Tensor, Any, Any]:
    """Called linear_to_embedding(weight, bias) and sent the cotangent back through the table.

    Then added a number to weight and bias, and read the table's memory number by number. Returns
    these numbers in the shape of the table, and the gradients of weight and bias.
    """
    table = learner.linear_to_embedding(weight, bias)
    if table.requires_grad:
        (table * cotangent).sum().backward()
    with torch.no_grad():
        weight += change
        if bias is not None:
            bias += change
    memory = torch.as_strided(table.detach(), (table.numel(),), (1,))
    return memory.reshape(table.shape), weight.grad, None if bias is None else bias.grad


def test_combinations(learner, rng, device):
    """Each two properties of the layer occur together; table, memory and gradients are right."""
    for case in COMBINATIONS:
        num, dim = case["size"]
        numbers = 3 * torch.randn(dim + 1 + num, max(num, dim), generator=rng, dtype=torch.float64)
        if case["dtype"].itemsize == 2:
            # Sums of whole numbers are exact in 16 bits, too.
            numbers.round_()
        # In each dtype, the sum of weight and bias here is infinite.
        numbers[0, 0] = numbers[dim, 0] = torch.finfo(case["dtype"]).max
        weight, bias, cotangent = numbers.to(case["dtype"]).split([dim, 1, num])
        weight, cotangent = case["arrange_weight"](weight[:, :num]), cotangent[:, :dim]
        expected, given = weight.T, None
        if case["bias"]:
            bias = case["arrange_bias"](bias[0, :dim] * (case["bias"] == "random"))
            expected = expected + bias
            given = bias.requires_grad_(case["trains_bias"])
        weight = weight.requires_grad_(case["trains_weight"])
        table, *found = learner.run(convert_and_train, *sent(device, weight, given, cotangent), 1)
        assert_close(table, expected, "the table's memory, after a change of the layer")
        if weight.requires_grad:
            assert_close(found[0], cotangent.T, "the gradient of weight")
        if given is not None and given.requires_grad:
            assert_close(found[1], cotangent.sum(0), "the gradient of bias")
