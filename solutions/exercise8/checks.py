"""Hidden checks of exercise 8. The oracle works the step out by hand, id by id, without autograd.

For several steps it is what ``torch.optim.SGD`` does to an ``nn.Embedding``.
"""

import math
from typing import Any

import torch
from torch import nn

from grader.checks import assert_close, assert_equal, assert_shape


def table(rng, *shape, dtype=torch.float32):
    """Random numbers of which no two are equal."""
    return torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype)


def ids(rng, below, *shape):
    """Ids under ``below`` in random order, again and again until ``shape`` is full."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def rate(rng):
    """A learning rate so large that each step is seen."""
    return 1.0 + float(torch.rand((), generator=rng))


def stepped(weight, idx, target, lr):
    """The weight after a step and the loss before it, calculated in float64, one id after the other."""
    before, after, total = weight.double(), weight.double().clone(), 0.0
    for number, wanted in zip(idx.flatten().tolist(), target.double().reshape(-1, weight.shape[1]), strict=True):
        error = before[number] - wanted
        total = total + (error * error).sum()
        after[number] -= lr * 2 * error / target.numel()
    return after.to(weight.dtype), torch.as_tensor(total / target.numel()).to(weight.dtype)


def step(learner, device, weight, idx, target, lr):
    """The learner's two results, which are no more than a tuple so far."""
    result = learner.train_step(weight.to(device), idx.to(device), target.to(device), lr)
    assert_equal(len(result), 2, "the number of results")
    return result


def moved(learner, device, weight, idx, target, lr):
    """The learner's two results, of which the first is a weight in which each row that ``idx`` names has moved."""
    new, loss = step(learner, device, weight, idx, target, lr)
    assert_equal(getattr(new, "dtype", None), torch.float32, "the dtype of the new weight")
    assert_shape(new, tuple(weight.shape), "the new weight")
    named = idx.flatten().long()
    same = (new[named] == weight[named]).all(1)
    assert_equal(bool(same.any()), False, "whether a row that was looked up stayed as it was")
    return new, loss


def all_in_float32(value):
    """Whether float32 could hold every number of ``value``: nearly none that float64 calculates with, by chance."""
    return bool((value == value.float()).all())


def test_loss(learner, rng, device):
    """The loss of different ids, and of repeated ones; a second call gives it with another rate."""
    for num, dim, below, count in ((7, 3, 5, 4), (4, 5, 3, 6)):
        weight, idx, target = table(rng, num, dim), ids(rng, below, count), table(rng, count, dim)
        for lr in (rate(rng), 0.0):
            loss = step(learner, device, weight, idx, target, lr)[1]
            assert_close(loss, stepped(weight, idx, target, lr)[1], "the loss")


def test_step(learner, rng, device):
    """Each id once, so that all that counts is direction and size of the step."""
    for num, dim, count in ((7, 3, 4), (5, 6, 3), (4, 1, 3)):
        weight, idx, target = table(rng, num, dim), ids(rng, num, count), table(rng, count, dim)
        for lr in (rate(rng), 0.1):
            new = step(learner, device, weight, idx, target, lr)[0]
            assert_close(new, stepped(weight, idx, target, lr)[0], "the new weight")


def test_repeats(learner, rng, device):
    """Ids that occur two and three times move their row by all that each of these uses moves a row of its own.

    The table has as many rows as there are ids, so that a copy of it exists in which each use has its own row.
    """
    for num, dim, below in ((10, 3, 4), (6, 4, 2)):
        idx = ids(rng, below, num)
        for order in (idx, idx.sort().values):
            weight, target, lr = table(rng, num, dim), table(rng, num, dim), rate(rng)
            apart = moved(learner, device, weight[order], torch.arange(num), target, lr)[0]
            moves = torch.zeros(num, dim, dtype=torch.float64).index_add(0, order, apart.double() - weight[order])
            new = step(learner, device, weight, order, target, lr)[0]
            assert_close(new, (weight + moves).float(), "the new weight, beside the sum of what each use moves alone")


def test_other_rows(learner, rng, device):
    """Neither the first nor the last ids occur, and nothing of their rows moves, to the bit."""
    for num, dim, count in ((9, 4, 3), (8, 3, 6)):
        weight, idx, lr = table(rng, num, dim), 2 + ids(rng, 4, count), rate(rng)
        new = moved(learner, device, weight, idx, table(rng, count, dim), lr)[0]
        named = torch.isin(torch.arange(num), idx)
        assert_equal(new[~named], weight[~named], "the rows that no id names")


def test_any_shape(learner, rng, device):
    """Repeats within a row and across rows, three dimensions, none; int64 and int32: all give what a list gives."""
    for num, dim, below, shape in ((6, 3, 3, (2, 5)), (7, 5, 4, (2, 3, 4)), (5, 4, 5, ())):
        weight, idx, lr = table(rng, num, dim), ids(rng, below, *shape), rate(rng)
        target = table(rng, *shape, dim)
        listed = moved(learner, device, weight, idx.reshape(-1), target.reshape(-1, dim), lr)
        for dtype in (torch.int64, torch.int32):
            new, loss = step(learner, device, weight, idx.to(dtype), target, lr)
            assert_close(new, listed[0], "the new weight, beside that for a list of the ids")
            assert_close(loss, listed[1], "the loss, beside that for a list of the ids")


def test_dtype(learner, rng, device):
    """Nor has a float64 gone through a float32 on the way: that would have cost its last digits."""
    for dtype in (torch.float64, torch.float32):
        weight, idx, target = table(rng, 4, 3, dtype=dtype), ids(rng, 4, 6), table(rng, 6, 3, dtype=dtype)
        new, loss = step(learner, device, weight, idx, target, rate(rng))
        for result, what in ((new, "the new weight"), (loss, "the loss")):
            assert_equal(getattr(result, "dtype", None), dtype, f"the dtype of {what}")
            if dtype is torch.float64:
                assert_equal(all_in_float32(result), False, f"whether the digits of {what} would fit into float32")


def look_afterwards(learner, weight, idx, target, lr) -> tuple[torch.Tensor, Any, torch.Tensor, torch.Tensor]:
    """Called train_step(weight, idx, target, lr), then wrote -1 into all of the new weight.

    Returns weight, weight.grad, idx and target as they are now. weight.grad was set to ones before the call.
    """
    weight.grad = torch.ones_like(weight)
    new_weight, _ = learner.train_step(weight, idx, target, lr)
    new_weight.detach().fill_(-1)
    return weight.detach(), weight.grad, idx, target


def test_inputs_untouched(learner, rng, device):
    """The caller keeps the old table as it was, whether it is a Parameter or not."""
    for parameter in (False, True):
        weight, idx, target, lr = table(rng, 6, 4), ids(rng, 3, 2, 5), table(rng, 2, 5, 4), rate(rng)
        sent = weight.to(device).requires_grad_(parameter)
        after = learner.run(look_afterwards, sent, idx.to(device), target.to(device), lr)
        before = (weight.detach(), torch.ones(6, 4), idx, target)
        for name, now, then in zip(("weight", "weight.grad", "idx", "target"), after, before, strict=True):
            assert_equal(now, then, f"after the call, {name}")


def graphs(learner, weight, idx, target, lr) -> tuple:
    """Called train_step(weight, idx, target, lr) and asked both results for requires_grad."""
    return tuple(getattr(result, "requires_grad", False) for result in learner.train_step(weight, idx, target, lr))


def test_no_graph(learner, rng, device):
    """A weight that requires a gradient gives the same numbers, and results that do not require any."""
    weight, idx, target, lr = table(rng, 7, 4), ids(rng, 4, 5), table(rng, 5, 4), rate(rng)
    new, loss = moved(learner, device, weight, idx, target, lr)
    of_parameter = step(learner, device, weight.clone().requires_grad_(), idx, target, lr)
    assert_close(of_parameter[0], new, "the new weight, beside that of a weight without a gradient")
    assert_close(of_parameter[1], loss, "the loss, beside that of a weight without a gradient")
    for parameter in (False, True):
        sent = weight.to(device).requires_grad_(parameter)
        found = learner.run(graphs, sent, idx.to(device), target.to(device), lr)
        assert_equal(found, (False, False), "requires_grad of the new weight and of the loss")


def train(learner, weight, batches, lr) -> torch.Tensor:
    """Called train_step on each pair of ids and targets, with the new weight of the call before.

    Returns the last weight.
    """
    for idx, target in batches:
        weight, _ = learner.train_step(weight, idx, target, lr)
    return weight


def trained(weight, batches, lr):
    """The same, by PyTorch's own layer and loss, and by the function that ``torch.optim.SGD`` calls.

    To construct the optimiser itself takes PyTorch a second the first time, out of the learner's.
    """
    layer = nn.Embedding.from_pretrained(weight.clone(), freeze=False)
    sgd = torch.no_grad()(torch.optim._functional.sgd)  # noqa: SLF001 - the optimiser without its class
    plain = {"weight_decay": 0.0, "momentum": 0.0, "dampening": 0.0, "nesterov": False, "maximize": False}
    for idx, target in batches:
        loss = nn.functional.mse_loss(layer(idx), target)
        layer.zero_grad()
        loss.backward()
        sgd([layer.weight], [layer.weight.grad], [None], lr=lr, **plain)
    return layer.weight.detach()


def test_several_steps(learner, rng, device):
    """What one step leaves behind is where the next begins, and nothing else is."""
    for num, dim, below, shape in ((7, 3, 4, (5,)), (6, 4, 5, (7,))):
        weight, lr = table(rng, num, dim), rate(rng)
        batches = [(ids(rng, below, *shape), table(rng, *shape, dim)) for _ in range(5)]
        sent = [(idx.to(device), target.to(device)) for idx, target in batches]
        found = learner.run(train, weight.to(device), sent, lr)
        assert_close(found, trained(weight, batches, lr), "the last weight")
