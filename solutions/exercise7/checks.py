"""Hidden checks of exercise 7.

The oracle is ``nn.Embedding``, which goes through the same probes in the examiner's process.
"""

import math
from types import SimpleNamespace

import torch
from torch import nn

from grader.checks import assert_close, assert_equal, assert_shape

PYTORCH = SimpleNamespace(Embedding=nn.Embedding)


def table(rng, num, dim, dtype=torch.float32):
    """A random table of shape (num, dim)."""
    return torch.randn(num, dim, generator=rng, dtype=torch.float64).to(dtype)


def ids(rng, below, *shape):
    """Ids below ``below`` in random order, repeated until they fill ``shape``."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def seed_from(rng):
    """A seed for the random numbers that a layer starts with.

    Every probe sets a seed, so that no result depends on the checks that ran before it.
    """
    return int(torch.randint(2**31, (), generator=rng))


def all_in_float32(value):
    """Whether float32 can hold every number of ``value``.

    Numbers calculated in float64 almost never fit by chance.
    """
    return bool((value == value.float()).all())


def parameters(learner, arguments) -> list:
    """Built Embedding(**arguments) and listed its parameters: name, shape, requires_grad."""
    layer = learner.Embedding(**arguments)
    return [
        (name, tuple(each.shape), each.requires_grad) for name, each in layer.named_parameters()
    ]


def attributes(learner, arguments) -> tuple:
    """Built Embedding(**arguments) and read num_embeddings, embedding_dim and padding_idx."""
    layer = learner.Embedding(**arguments)
    return layer.num_embeddings, layer.embedding_dim, layer.padding_idx


def test_parameter(learner):
    """The layer has PyTorch's one parameter and stores the arguments as PyTorch does."""
    for num, dim, padding in ((7, 3, None), (4, 6, 2), (5, 2, 0), (6, 3, -1), (8, 5, -3)):
        given = {"num_embeddings": num, "embedding_dim": dim}
        if padding is not None:
            given["padding_idx"] = padding
        assert_equal(learner.run(parameters, given), parameters(PYTORCH, given), "the parameters")
        assert_equal(learner.run(attributes, given), attributes(PYTORCH, given), "the attributes")


def blank(weight, row):
    """``weight`` with zeros in its padding row, if it has one.

    Only ``test_padding_output`` checks a padding row with other numbers.
    """
    if row is not None:
        weight[row] = 0
    return weight


def look_up(learner, weight, idx, padding_idx=None) -> torch.Tensor:
    """Built Embedding(*weight.shape, padding_idx), copied weight into it, and looked up idx."""
    torch.default_generator.manual_seed(0)
    layer = learner.Embedding(*weight.shape, padding_idx).to(idx.device)
    with torch.no_grad():
        layer.weight.copy_(weight)
    return layer(idx)


def test_rows(learner, rng, device):
    """Ids of several shapes give the right rows, repeated ids and the last id included."""
    for num, dim, below, shape in (
        *((7, 5, 4, (6,)), (4, 3, 4, (5,)), (7, 5, 3, (2, 4)), (6, 5, 6, (2, 3, 4))),
        *((6, 4, 5, ()), (6, 4, 5, (3, 0)), (5, 4, 5, (0,)), (7, 5, 6, (2, 1, 3))),
    ):
        weight, idx = table(rng, num, dim), ids(rng, below, *shape)
        result = learner.run(look_up, weight.to(device), idx.to(device))
        assert_equal(result, look_up(PYTORCH, weight, idx))


def new_weight(learner, num, dim, padding_idx, seed) -> torch.Tensor:
    """Set the seed, built Embedding(num, dim, padding_idx), and read its weight."""
    torch.default_generator.manual_seed(seed)
    return learner.Embedding(num, dim, padding_idx).weight


def test_start(learner, rng):
    """Mean, standard deviation and tails are those of standard normal numbers.

    With twenty thousand numbers, each of the three figures is certain to the digit compared.
    """
    weight = learner.run(new_weight, 400, 50, None, seed_from(rng))
    assert_shape(weight, (400, 50), "weight")
    assert_equal(weight.dtype, torch.float32, "the dtype of weight")
    weight = weight.detach()
    assert_equal(
        round(weight.mean().item(), 1), 0.0, "the mean of a new weight, rounded to one decimal"
    )
    assert_equal(
        round(weight.std().item(), 1),
        1.0,
        "the standard deviation of a new weight, rounded to one decimal",
    )
    outside = (weight.abs() > 1).double().mean().item()
    assert_equal(
        round(outside, 1),
        0.3,
        "the fraction of numbers below -1 or above 1, rounded to one decimal",
    )


def test_padding_start(learner, rng):
    """In a new weight, the padding row is all zeros, and no other row has a zero."""
    for num, dim, padding in (
        (6, 4, 2),
        (5, 3, 0),
        (7, 4, 6),
        (8, 3, -1),
        (6, 5, -4),
        (5, 2, None),
    ):
        seed = seed_from(rng)
        weight = learner.run(new_weight, num, dim, padding, seed)
        assert_shape(weight, (num, dim), "weight")
        expected = new_weight(PYTORCH, num, dim, padding, seed)
        assert_equal(
            (weight == 0).all(1), (expected == 0).all(1), "which rows of a new weight are all zeros"
        )
        assert_equal(
            (weight == 0).any(1),
            (expected == 0).any(1),
            "which rows of a new weight contain a zero",
        )


def gradient(learner, weight, idx, cotangent, padding_idx) -> torch.Tensor:
    """Built Embedding(*weight.shape, padding_idx), copied weight into it, and looked up idx.

    Then called backward with cotangent as the gradient of the result.
    Returns the gradient of the layer's weight.
    """
    torch.default_generator.manual_seed(0)
    layer = learner.Embedding(*weight.shape, padding_idx).to(idx.device)
    with torch.no_grad():
        layer.weight.copy_(weight)
    result = layer(idx)
    (result * cotangent).sum().backward()
    return layer.weight.grad


def test_padding_gradient(learner, rng, device):
    """Only the padding row gets no gradient, although its id occurs several times.

    The gradient without padding serves as the reference for all other rows.
    """
    for num, dim, count, padding in (
        (6, 4, 7, 2),
        (5, 3, 8, 0),
        (6, 4, 15, 5),
        (7, 4, 8, -1),
        (5, 2, 12, -4),
    ):
        weight, idx = table(rng, num, dim).to(device), ids(rng, num, count).to(device)
        cotangent = torch.randn(count, dim, generator=rng).to(device)
        without = learner.run(gradient, weight, idx, cotangent, None)
        assert_shape(without, (num, dim), "the gradient of weight")
        arrived = (without != 0).any(1)
        assert_equal(
            arrived,
            torch.ones(num, dtype=torch.bool),
            "which rows get a gradient without a padding_idx",
        )
        expected = without.clone()
        expected[padding] = 0
        assert_close(
            learner.run(gradient, weight, idx, cotangent, padding),
            expected,
            "the gradient of weight",
        )


def look_up_twice(learner, weight, idx, padding_idx) -> tuple[torch.Tensor, torch.Tensor]:
    """Built Embedding(*weight.shape, padding_idx), copied weight into it, and looked up idx twice.

    Returns the second result and the layer's weight afterwards.
    """
    torch.default_generator.manual_seed(0)
    layer = learner.Embedding(*weight.shape, padding_idx).to(idx.device)
    with torch.no_grad():
        layer.weight.copy_(weight)
    layer(idx)
    return layer(idx).detach(), layer.weight


def test_padding_output(learner, rng, device):
    """Numbers loaded into the padding row stay in it, and the lookup returns them unchanged."""
    for num, dim, count, padding in ((6, 4, 7, 2), (5, 3, 8, 0), (7, 4, 15, -1)):
        weight, idx = table(rng, num, dim), ids(rng, num, count).to(device)
        without, _ = learner.run(look_up_twice, weight.to(device), idx, None)
        result, weight_after = learner.run(look_up_twice, weight.to(device), idx, padding)
        assert_equal(result, without, "the result, compared with a layer without padding_idx")
        assert_equal(weight_after.detach(), weight, "after two lookups, weight")


def loaded(learner, state, padding_idx) -> torch.Tensor:
    """Built Embedding(*state["weight"].shape, padding_idx) and called load_state_dict(state).

    Returns the layer's weight.
    """
    torch.default_generator.manual_seed(0)
    layer = learner.Embedding(*state["weight"].shape, padding_idx)
    layer.load_state_dict(state)
    return layer.weight.detach()


def saved(learner, weight, padding_idx) -> dict:
    """Built Embedding(*weight.shape, padding_idx), copied weight into it, called state_dict()."""
    torch.default_generator.manual_seed(0)
    layer = learner.Embedding(*weight.shape, padding_idx)
    with torch.no_grad():
        layer.weight.copy_(weight)
    return dict(layer.state_dict())


def test_state_dict(learner, rng):
    """Each of the two layers loads what the other one saved."""
    for num, dim, padding in ((7, 4, None), (5, 3, 1)):
        weight = blank(table(rng, num, dim), padding)
        state = saved(PYTORCH, weight, padding)
        assert_equal(
            learner.run(loaded, state, padding), weight, "the weight after load_state_dict"
        )
        assert_equal(learner.run(saved, weight, padding), state, "the state_dict()")


def converted(learner, weight, idx, padding_idx) -> tuple[torch.Tensor, torch.Tensor]:
    """Built an Embedding, called .to(weight.dtype) and .to(idx.device), and copied weight into it.

    Returns the rows for idx and the layer's weight.
    """
    torch.default_generator.manual_seed(0)
    layer = learner.Embedding(*weight.shape, padding_idx).to(weight.dtype).to(idx.device)
    with torch.no_grad():
        layer.weight.copy_(weight)
    return layer(idx).detach(), layer.weight.detach()


def test_conversion(learner, rng, device):
    """The weight and the output have the dtype, and the precision, of the conversion."""
    for dtype in (torch.float64, torch.float16, torch.bfloat16):
        for padding in (None, 3):
            weight, idx = blank(table(rng, 6, 4, dtype), padding), ids(rng, 6, 9)
            result, own = learner.run(converted, weight.to(device), idx.to(device), padding)
            for found, what in ((own, "the weight"), (result, "the result")):
                assert_equal(
                    found.dtype,
                    dtype,
                    f"after .to({str(dtype).removeprefix('torch.')}), the dtype of {what}",
                )
                if dtype is torch.float64:
                    assert_equal(
                        all_in_float32(found),
                        False,
                        f"whether float32 can hold the digits of {what}",
                    )


def test_bad_ids(learner, rng):
    """Ids that are too large and float ids raise an error, but valid ids do not.

    The valid ids come first, so that a layer that always raises fails. This check always runs
    on the CPU: on another device an id out of range may end the whole process.
    """
    for padding in (None, 1):
        weight, idx = blank(table(rng, 5, 3), padding), ids(rng, 5, 8)
        learner.run(look_up, weight, idx, padding)
        for too_large in (5, 9):
            wrong = idx.clone()
            wrong[3] = too_large
            learner.must_raise((IndexError, RuntimeError), look_up, weight, wrong, padding)
        for floats in (idx.float(), idx.double() + 0.5):
            learner.must_raise(
                (IndexError, RuntimeError, TypeError), look_up, weight, floats, padding
            )


def trained(learner, weight, batches, padding_idx) -> torch.Tensor:
    """Built Embedding(*weight.shape, padding_idx), copied weight into it, and trained it with SGD.

    Took one step with learning rate 0.1 per pair of ids and targets; the loss was the sum of
    squared errors. Returns the layer's weight.
    """
    torch.default_generator.manual_seed(0)
    layer = learner.Embedding(*weight.shape, padding_idx).to(weight.device)
    with torch.no_grad():
        layer.weight.copy_(weight)
    for idx, target in batches:
        layer.zero_grad()
        (layer(idx) - target).square().sum().backward()
        with torch.no_grad():
            for parameter in layer.parameters():
                if parameter.grad is not None:
                    parameter -= 0.1 * parameter.grad
    return layer.weight.detach()


def test_training(learner, rng, device):
    """Several steps with repeated ids give PyTorch's weight, with and without padding."""
    for num, dim, below, shape, padding in (
        (7, 3, 5, (8,), None),
        (6, 4, 5, (15,), 2),
        (5, 3, 4, (9,), 0),
    ):
        weight = blank(table(rng, num, dim), padding)
        batches = [
            (ids(rng, below, *shape), torch.randn(*shape, dim, generator=rng)) for _ in range(4)
        ]
        expected = trained(PYTORCH, weight, batches, padding)
        sent = [(idx.to(device), target.to(device)) for idx, target in batches]
        found = learner.run(trained, weight.to(device), sent, padding)
        assert_close(found, expected, "the weight after training")
