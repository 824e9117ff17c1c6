"""Hidden checks of exercise 8.

The oracle computes a step by hand, without autograd. For several steps the oracle is
what ``torch.optim.SGD`` does to an ``nn.Embedding``.
"""

import math
from typing import Any

import torch
from torch import nn

from grader.checks import (
    Mismatch,
    assert_close,
    assert_equal,
    assert_shape,
    noncontiguous,
    pairwise,
)

COMBINATIONS = tuple(
    pairwise(
        # Nothing moves with this rate.
        empty={"lr": 0.0},
        # Such a tensor is always contiguous.
        without=(
            {"shape": (), "arrange_ids": noncontiguous},
            {"shape": (1,), "arrange_ids": noncontiguous},
            {"size": (1, 1), "arrange_weight": noncontiguous},
        ),
        shape=((5,), (), (1,), (2, 1, 3)),
        size=((6, 4), (1, 1), (300, 1)),
        lr=(1.5, 0.0),
        dtype=(torch.float32, torch.float64),
        id_dtype=(torch.int64, torch.int32),
        arrange_weight=(torch.clone, noncontiguous),
        arrange_ids=(torch.clone, noncontiguous),
        arrange_target=(torch.clone, noncontiguous),
        parameter=(False, True),
        finite=(True, False),
    )
)


def table(rng, *shape, dtype=torch.float32):
    """Random numbers, all different."""
    return torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype)


def ids(rng, below, *shape):
    """Ids below ``below`` in random order, repeated until they fill ``shape``."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def rate(rng):
    """A learning rate between 1 and 2: large enough that every step is visible."""
    return 1.0 + float(torch.rand((), generator=rng, dtype=torch.float64))


def stepped(weight, idx, target, lr):
    """The weight after a step and the loss before it, computed in float64."""
    before, named = weight.double(), idx.flatten().long()
    errors = before[named] - target.double().reshape(-1, weight.shape[1])
    after = before.index_add(0, named, -2 * lr / target.numel() * errors)
    return after.to(weight.dtype), errors.square().mean().to(weight.dtype)


def step(learner, device, weight, idx, target, lr):
    """The learner's two results; only their number has been checked.

    A list passes here, because only the check of the types asks for a tuple.
    """
    result = learner.train_step(weight.to(device), idx.to(device), target.to(device), lr)
    if not isinstance(result, tuple | list):
        raise Mismatch("is not a tuple (new_weight, loss)", "the result", result, None)
    assert_equal(len(result), 2, "the number of results")
    return result


def moved(learner, device, weight, idx, target, lr):
    """The learner's two results, after checking that some looked-up row has moved.

    Without this, a submission that never moves the weight would pass the checks that compare
    it only with itself.
    """
    new, loss = step(learner, device, weight, idx, target, lr)
    assert_equal(getattr(new, "dtype", None), torch.float32, "the dtype of the new weight")
    assert_shape(new, tuple(weight.shape), "the new weight")
    named = idx.flatten().long()
    same = (new[named] == weight[named]).all(1)
    assert_equal(bool(same.all()), False, "whether no looked-up row moved")
    return new, loss


def test_loss(learner, rng, device):
    """The loss is right for different and for repeated ids, at any learning rate."""
    for num, dim, below, count, lr in (
        (7, 3, 5, 4, rate(rng)),
        (4, 5, 3, 6, 0.0),
        (1, 1, 1, 1, rate(rng)),
        # The sizes of the statement's example.
        (3, 1, 1, 2, 0.1),
    ):
        weight, idx, target = table(rng, num, dim), ids(rng, below, count), table(rng, count, dim)
        loss = step(learner, device, weight, idx, target, lr)[1]
        assert_close(loss, stepped(weight, idx, target, lr)[1], "the loss")

    # Large errors: the loss is their square, whatever their size.
    weight, idx, target = table(rng, 5, 2), ids(rng, 4, 3), 1e5 * table(rng, 3, 2)
    lr = rate(rng)
    loss = step(learner, device, weight, idx, target, lr)[1]
    assert_close(loss, stepped(weight, idx, target, lr)[1], "the loss")


def test_step(learner, rng, device):
    """The step has the right direction and size; no id repeats here."""
    for num, dim, count, lr in ((7, 3, 4, rate(rng)), (5, 6, 3, 0.1), (4, 1, 3, rate(rng))):
        weight, idx, target = table(rng, num, dim), ids(rng, num, count), table(rng, count, dim)
        new = step(learner, device, weight, idx, target, lr)[0]
        assert_close(new, stepped(weight, idx, target, lr)[0], "the new weight")

    # Large and small rates, large errors, ids that no 8-bit or 16-bit number holds, and no step at
    # all. Of so many ids, code that works in blocks makes several.
    for num, count, lr, size in (
        (6, 4, 1e-6, 1e6),
        (1050, 1030, 70.0, 1.0),
        (2**15 + 9, 3, 1.0, 1.0),
        (5, 3, 0.0, 1.0),
    ):
        dim = 1 if num > 2**15 else 2
        weight, target = table(rng, num, dim), size * table(rng, count, dim)
        if size > 1:
            # An infinite error moves its number to infinity. The square of a huge one is infinite,
            # but not its gradient.
            target[1, 0], target[2, 1] = math.inf, 1e35
        idx = num - 1 - torch.randperm(count, generator=rng)
        # A row of zeros moves like any other.
        weight[idx[0]] = 0
        new = step(learner, device, weight, idx, target, lr)[0]
        assert_close(new, stepped(weight, idx, target, lr)[0], "the new weight")

    # Errors so small that the loss is about 1e-16.
    weight, target = 1e-8 * table(rng, 5, 3), 1e-8 * table(rng, 4, 3)
    idx, lr = ids(rng, 5, 4), rate(rng)
    new = step(learner, device, weight, idx, target, lr)[0]
    expected = 1e8 * stepped(weight, idx, target, lr)[0]
    assert_close(1e8 * new, expected, "the new weight times 1e8")


def test_repeats(learner, rng, device):
    """A repeated id moves its row by the sum of the moves of its uses.

    The table has as many rows as there are ids. So the learner's own code can give each use its
    own row, and the moves of these rows are added up.
    """
    # In the second case, sums of rows or of targets lose the digits of their differences.
    for num, dim, below, offset, scale in ((10, 3, 4, 0.0, 1.0), (6, 4, 2, 1e4, 300.0)):
        idx = ids(rng, below, num)
        for order in (idx, idx.sort().values):
            weight, target = table(rng, num, dim) + offset, table(rng, num, dim) + offset
            lr = scale * rate(rng)
            # Two uses may have the same target; both count.
            first, second = (order == order[0]).nonzero().flatten()[:2]
            target[second] = target[first]
            apart = moved(learner, device, weight[order], torch.arange(num), target, lr)[0]
            moves = torch.zeros(num, dim, dtype=torch.float64).index_add(
                0, order, apart.double() - weight[order]
            )
            new = step(learner, device, weight, order, target, lr)[0]
            assert_close(
                new,
                (weight + moves).float(),
                "the new weight, compared with the sum of the moves of each use",
            )


def test_other_rows(learner, rng, device):
    """Rows without an id, the first and last ones included, stay exactly the same.

    Infinity in them, or in a target, changes nothing there, and makes no number of another row nan.
    In a product it would.
    """
    for num, dim, count, largest in ((9, 4, 3, 1.0), (8, 3, 6, math.inf)):
        weight, idx, lr = table(rng, num, dim), 2 + ids(rng, 4, count), rate(rng)
        target = table(rng, count, dim)
        weight[-1, 0] *= largest
        target[0, 1] *= largest
        new = moved(learner, device, weight, idx, target, lr)[0]
        named = torch.isin(torch.arange(num), idx)
        assert_equal(new[~named], weight[~named], "the rows without an id")
        is_nan = bool(new[named].isnan().any())
        assert_equal(is_nan, False, "whether the rows with an id contain nan")


def test_any_shape(learner, rng, device):
    """Ids in any shape and in both dtypes give the same results as a flat list of these ids."""
    for num, dim, below, shape, dtype in (
        (6, 3, 3, (3, 3), torch.int32),
        (5, 3, 4, (1, 4), torch.int64),
        (5, 3, 4, (4, 1), torch.int64),
        (7, 5, 4, (2, 3, 4), torch.int64),
        (8, 2, 4, (1, 2, 1, 3, 2), torch.int32),
        (5, 4, 5, (), torch.int64),
    ):
        weight, idx, lr = table(rng, num, dim), ids(rng, below, *shape), rate(rng)
        target = table(rng, *shape, dim)
        listed = moved(learner, device, weight, idx.reshape(-1), target.reshape(-1, dim), lr)
        check_like_list(learner, device, weight, idx.to(dtype), target, lr, listed)

    # The dimensions are swapped in memory, so `view` cannot flatten these tensors.
    weight, idx = table(rng, 4, 6).T, ids(rng, 5, 2, 3).T
    target, lr = table(rng, 2, 3, 4).transpose(0, 1), rate(rng)
    listed = moved(learner, device, weight.contiguous(), idx.reshape(-1), target.reshape(-1, 4), lr)
    check_like_list(learner, device, weight, idx, target, lr, listed)


def check_like_list(learner, device, weight, idx, target, lr, listed):
    """Compare the results with ``listed``, those for a flat list of the same ids."""
    new, loss = step(learner, device, weight, idx, target, lr)
    assert_close(new, listed[0], "the new weight, compared with that for a flat list of the ids")
    assert_close(loss, listed[1], "the loss, compared with that for a flat list of the ids")


def test_dtype(learner, rng, device):
    """The results are a tuple with the right dtypes.

    No id repeats. float64 numbers must not lose digits in a float32 on the way: all of them are
    large, and float32 has no digits left for their differences. The last step takes nearly all of
    each number, which shows how exact gradient and rate are.
    """
    for dtype, size in ((torch.float64, 1e6), (torch.float32, 0.0)):
        weight, target = table(rng, 5, 3, dtype=dtype), table(rng, 4, 3, dtype=dtype)
        weight, target = weight + size, target + size
        idx, lr = torch.randperm(5, generator=rng)[:4], rate(rng)
        result = step(learner, device, weight, idx, target, lr)
        for found, wanted, what in zip(
            result,
            stepped(weight, idx, target, lr),
            ("the new weight", "the loss"),
            strict=True,
        ):
            assert_equal(getattr(found, "dtype", None), dtype, f"the dtype of {what}")
            assert_close(found, wanted, what)
        assert_equal(type(result).__name__, "tuple", "the type of the result")

    weight, idx = 2.0**20 * table(rng, 5, 3, dtype=torch.float64), torch.randperm(5, generator=rng)
    lr, taken = rate(rng), 1 - 2.0**-20
    target = weight[idx] * (1 - taken * weight.numel() / (2 * lr))
    new = step(learner, device, weight, idx, target, lr)[0]
    assert_close(new, stepped(weight, idx, target, lr)[0], "the new weight, in float64")


def test_combinations(learner, rng, device):
    """Each two properties of the inputs occur together.

    Rows that no id selects hold infinity, and so does one target, unless the rate is 0: 0 times
    infinity is nan, which the statement leaves open.
    """
    for case in COMBINATIONS:
        (num, dim), lr, dtype = case["size"], case["lr"], case["dtype"]
        # The last ids are the largest, and of five at least two are the same.
        first = max(0, num - 3)
        idx = torch.randint(first, num, case["shape"], generator=rng, dtype=case["id_dtype"])
        weight, target = table(rng, num, dim, dtype=dtype), table(rng, *idx.shape, dim, dtype=dtype)
        if dtype is torch.float64:
            # float32 has few digits left for differences of such numbers.
            weight, target = weight + 1000, target + 1000
        unused = torch.ones(num, dtype=torch.bool)
        unused[idx.flatten().long()] = False
        if not case["finite"]:
            weight[unused] = -math.inf
            if lr:
                target.view(-1)[-1] = math.inf
        weight = case["arrange_weight"](weight)
        idx, target = case["arrange_ids"](idx), case["arrange_target"](target)
        wanted = stepped(weight, idx, target, lr)
        sent = weight.clone(memory_format=torch.preserve_format)
        sent.requires_grad_(case["parameter"])
        found = step(learner, device, sent, idx, target, lr)
        for value, number, what in zip(found, wanted, ("the new weight", "the loss"), strict=True):
            assert_close(value, number, what)
            assert_equal(value.requires_grad, False, f"requires_grad of {what}")
        assert_equal(found[0][unused], weight[unused], "the rows without an id")
    # Of so many uses of two rows, code that works in blocks makes several. In float32, the order of
    # the sums would matter.
    weight, target = (table(rng, count, 1, dtype=torch.float64) for count in (3, 12_000))
    idx, lr = ids(rng, 2, 12_000), 1000 * rate(rng)
    found = step(learner, device, weight, idx, target, lr)
    wanted = stepped(weight, idx, target, lr)
    for value, number, what in zip(found, wanted, ("the new weight", "the loss"), strict=True):
        assert_close(value, number, what)


def look_afterwards(
    learner, weight, idx, target, lr
) -> tuple[torch.Tensor, Any, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Set weight.grad to ones and called train_step(weight, idx, target, lr).

    A weight that requires a gradient was a Parameter, and with an lr of 0 a frozen one. Then wrote
    -1 into all of the new weight. Returns weight, weight.grad, idx and target as they are
    afterwards, and the new weight before that.
    """
    if weight.requires_grad or lr == 0:
        weight = nn.Parameter(weight.detach(), requires_grad=weight.requires_grad)
    weight.grad = torch.ones_like(weight)
    new_weight, _ = learner.train_step(weight, idx, target, lr)
    copy = new_weight.detach().clone()
    new_weight.detach().fill_(-1)
    return weight.detach(), weight.grad, idx, target, copy


def test_inputs_untouched(learner, rng, device):
    """The inputs do not change, and the new weight does not share memory with the old one.

    In the last case, neither the rate nor the loss moves the weight, which is one expanded column.
    """
    for parameter, lr in ((False, rate(rng)), (True, rate(rng)), (False, 0.0)):
        weight, idx, target = table(rng, 6, 4), ids(rng, 3, 2, 5), table(rng, 2, 5, 4)
        if not lr:
            weight = weight[:, :1].expand(6, 4)
            target = weight[idx]
        sent = weight.to(device).requires_grad_(parameter)
        *after, new = learner.run(look_afterwards, sent, idx.to(device), target.to(device), lr)
        before = (weight.detach(), torch.ones(6, 4), idx, target)
        for name, now, then in zip(
            ("weight", "weight.grad", "idx", "target"), after, before, strict=True
        ):
            assert_equal(now, then, f"{name} after the call")
        # Another check judges the step itself.
        expected = step(learner, device, weight, idx, target, lr)[0]
        assert_close(new, expected, "the new weight, compared with that without weight.grad")


def graphs(learner, weight, idx, target, lr) -> tuple:
    """Called train_step(weight, idx, target, lr) and read requires_grad of both results."""
    return tuple(
        getattr(result, "requires_grad", False)
        for result in learner.train_step(weight, idx, target, lr)
    )


def test_no_graph(learner, rng, device):
    """A weight that requires a gradient gives the same numbers, and no result requires one."""
    weight, idx, target, lr = table(rng, 7, 4), ids(rng, 4, 5), table(rng, 5, 4), rate(rng)
    plain = moved(learner, device, weight, idx, target, lr)
    of_parameter = step(learner, device, weight.clone().requires_grad_(), idx, target, lr)
    names = ("the new weight", "the loss")
    for found, wanted, what in zip(of_parameter, plain, names, strict=True):
        assert_close(found, wanted, f"{what}, compared with that for a plain tensor")

    for parameter in (False, True):
        sent = weight.to(device).requires_grad_(parameter)
        found = learner.run(graphs, sent, idx.to(device), target.to(device), lr)
        assert_equal(found, (False, False), "requires_grad of the new weight and of the loss")
    # The probe's answer only tells mistakes apart. What arrived here is what counts.
    for result in (plain, of_parameter):
        for value, what in zip(result, names, strict=True):
            required = getattr(value, "requires_grad", False)
            assert_equal(required, False, f"requires_grad of {what}")


def train(learner, weight, batches, lr) -> torch.Tensor:
    """Called train_step on each pair of ids and targets, with the last new weight as a Parameter.

    Returns the final weight.
    """
    for idx, target in batches:
        weight, _ = learner.train_step(nn.Parameter(weight), idx, target, lr)
    return weight


def trained(weight, batches, lr):
    """The same with PyTorch's layer and loss, and the function that ``torch.optim.SGD`` calls.

    The first construction of an optimizer takes a second, which would count against the learner.
    """
    layer = nn.Embedding.from_pretrained(weight.clone(), freeze=False)
    sgd = torch.no_grad()(torch.optim._functional.sgd)  # noqa: SLF001 - SGD without its class
    plain = {
        "weight_decay": 0.0,
        "momentum": 0.0,
        "dampening": 0.0,
        "nesterov": False,
        "maximize": False,
    }
    for idx, target in batches:
        loss = nn.functional.mse_loss(layer(idx), target)
        layer.zero_grad()
        loss.backward()
        sgd([layer.weight], [layer.weight.grad], [None], lr=lr, **plain)
    return layer.weight.detach()


def test_several_steps(learner, rng, device):
    """Each step starts from the weight of the step before, and no other state is kept.

    A new weight can become a Parameter, which a tensor of inference mode cannot.
    """
    for num, dim, below, shape in ((7, 3, 4, (5,)), (6, 4, 5, (7,))):
        weight, lr = table(rng, num, dim), rate(rng)
        batches = [(ids(rng, below, *shape), table(rng, *shape, dim)) for _ in range(4)]
        sent = [(idx.to(device), target.to(device)) for idx, target in batches]
        found = learner.run(train, weight.to(device), sent, lr)
        assert_close(found, trained(weight, batches, lr), "the final weight")
