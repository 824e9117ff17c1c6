"""Hidden checks of exercise 7.

The oracle is a plain lookup in the table that a check sends, and for training ``nn.Embedding``,
which goes through the same probe in the examiner's process.
"""

import math
from types import SimpleNamespace

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

PYTORCH = SimpleNamespace(Embedding=nn.Embedding)

COMBINATIONS = tuple(
    pairwise(
        empty={"shape": (0,)},
        # Such a tensor is always contiguous, and such a table has no other row.
        without=(
            {"shape": (), "arrange": noncontiguous},
            {"size": (1, 1), "finite": False},
        ),
        shape=((5,), (), (0,), (2, 1, 3)),
        dtype=(torch.float32, torch.float64, torch.float16, torch.bfloat16),
        size=((6, 4), (1, 1), (300, 1)),
        padding=(0, None, -1),
        origin=("load_state_dict", "a new Parameter", "deepcopy"),
        training=(True, False),
        arrange=(torch.clone, noncontiguous),
        trained=(False, True),
        finite=(True, False),
    )
)


def table(rng, num, dim, dtype=torch.float32):
    """A random table of shape (num, dim)."""
    return torch.randn(num, dim, generator=rng, dtype=torch.float64).to(dtype)


def ids(rng, below, *shape):
    """Ids below ``below`` in random order, repeated until they fill ``shape``."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def strided(tensor):
    """The same numbers in a tensor that is not contiguous: transposed, or every second of a list.

    A tensor without dimensions stays as it is.
    """
    if tensor.dim() > 1:
        return tensor.mT.contiguous().mT
    return torch.stack([tensor, tensor], -1)[..., 0]


def seed_from(rng):
    """A seed for the random numbers that a layer starts with.

    Every probe sets a seed, so that no result depends on the checks that ran before it.
    """
    return int(torch.randint(2**31, (), generator=rng))


def described(learner, arguments) -> tuple[list, tuple]:
    """Built Embedding(**arguments) and read its parameters and its attributes.

    A parameter is listed with its name, shape and requires_grad. The attributes are
    num_embeddings, embedding_dim and padding_idx.
    """
    layer = learner.Embedding(**arguments)
    named = layer.named_parameters()
    parameters = [(name, tuple(one.shape), one.requires_grad) for name, one in named]
    return parameters, (layer.num_embeddings, layer.embedding_dim, layer.padding_idx)


def test_parameter(learner):
    """The layer has PyTorch's one parameter and stores the arguments as PyTorch does."""
    for num, dim, padding in (
        (7, 3, None),
        (4, 6, 2),
        (5, 2, 0),
        (6, 3, -1),
        (8, 5, -3),
        (9, 9, -9),
        (1, 1, None),
    ):
        given = {"num_embeddings": num, "embedding_dim": dim}
        if padding is not None:
            given["padding_idx"] = padding
        parameters, attributes = learner.run(described, given)
        own_parameters, own_attributes = described(PYTORCH, given)
        assert_equal(parameters, own_parameters, "the parameters")
        assert_equal(attributes, own_attributes, "the attributes")


def look_up(learner, weight, idx, padding_idx=None, training=True) -> torch.Tensor:
    """Built Embedding(*weight.shape, padding_idx), copied weight into it, and looked up idx.

    Called train(training) before the lookup.
    """
    torch.default_generator.manual_seed(0)
    layer = learner.Embedding(*weight.shape, padding_idx).to(idx.device)
    layer.train(training)
    with torch.no_grad():
        layer.weight.copy_(weight)
    return layer(idx)


def look_up_again(learner, tables, idx) -> tuple[list, torch.Tensor]:
    """Built two layers for tables of this shape and looked up idx several times.

    Copied tables[0] into the first layer and tables[1] into the second, and used both. Then
    copied tables[2] into the first: used it in eval mode, by its forward, and under no_grad.
    Then copied tables[1] into weight.data and used it again. Returns all results, and idx
    afterwards.
    """
    torch.default_generator.manual_seed(0)
    layer, other = [learner.Embedding(*tables[0].shape).to(idx.device) for _ in range(2)]
    with torch.no_grad():
        layer.weight.copy_(tables[0])
        other.weight.copy_(tables[1])
    results = [layer(idx), other(idx)]
    with torch.no_grad():
        layer.weight.copy_(tables[2])
    layer.eval()
    results.append(layer(idx))
    results.append(layer.forward(idx))
    with torch.no_grad():
        results.append(layer(idx))
        layer.weight.data.copy_(tables[1])
        results.append(layer(idx))
    return [result.detach() for result in results], idx


def test_rows(learner, rng, device):
    """Ids of any shape give the right rows, and the layer always uses its current weight.

    Rows that no id names hold nan and infinity. A product with a one-hot matrix spreads them. Rows
    that are kept do not change with the weight, even if the ids are 0, 1, 2, ….
    """
    for num, dim, below, shape in (
        *((7, 5, 4, (6,)), (4, 3, 4, (5,)), (7, 5, 3, (2, 4)), (6, 5, 6, (2, 3, 4))),
        *((6, 4, 5, ()), (6, 4, 5, (3, 0)), (5, 4, 5, (0,))),
        *((5, 1, 4, (1,)), (5, 3, 4, (1, 4)), (5, 3, 4, (4, 1))),
        *(
            # More ids than one block of a loop has, and ids that 16 bits cannot hold.
            (2**15 + 9, 1, 2**15 + 7, (3, 3501)),
            (1, 3, 1, (4,)),
            (5, 5, 4, (5, 5)),
            (6, 1, 4, (1, 2, 1, 3, 2)),
            # The sizes of the statement's example.
            (3, 2, 3, (2,)),
        ),
    ):
        weight, idx = table(rng, num, dim), ids(rng, below, *shape)
        if below < num:
            weight[below] = math.inf
            weight[-1, 0] = math.nan
            weight[0, 0] = math.nan
        result = learner.run(look_up, weight.to(device), strided(idx).to(device))
        assert_equal(result, weight[idx], equal_nan=True)

    tables, idx = [table(rng, 8, 3) for _ in range(3)], torch.arange(8)
    sent = [one.to(device) for one in tables]
    results, idx_after = learner.run(look_up_again, sent, idx.to(device))
    expected = [tables[which][idx] for which in (0, 1, 2, 2, 2, 1)]
    assert_equal(results, expected, "the list of results")
    assert_equal(idx_after, idx, "idx after the lookups")


def new_weights(learner, num, dim, padding_idx, seed) -> tuple[torch.Tensor, ...]:
    """Set the seed, built three layers, and read their weights.

    They are Embedding(num, dim) twice and Embedding(num, dim, padding_idx).
    """
    torch.default_generator.manual_seed(seed)
    layers = [learner.Embedding(num, dim) for _ in range(2)]
    layers.append(learner.Embedding(num, dim, padding_idx))
    return tuple(layer.weight.detach() for layer in layers)


def require_figure(actual, expected, tolerance, what):
    """Check a figure of a random tensor.

    Every tolerance is at least six standard deviations of the figure, so a right weight fails less
    than once in ten million times.
    """
    if not abs(actual - expected) <= tolerance:
        difference = f"is {actual:.3g}; expected {expected:.3g}, give or take {tolerance:.2g}"
        raise Mismatch(difference, what, actual, expected)


def check_normal(weight, what):
    """Check that about twenty thousand numbers are independent and standard normal."""
    size = weight.numel()
    require_figure(weight.mean().item(), 0.0, 0.05, f"the mean of {what}")
    require_figure(weight.std().item(), 1.0, 0.04, f"the standard deviation of {what}")
    for border, fraction, tolerance in ((1, 0.317, 0.025), (2, 0.0455, 0.011)):
        outside = (weight.abs() > border).double().mean().item()
        name = f"the fraction of numbers below -{border} or above {border} in {what}"
        require_figure(outside, fraction, tolerance, name)

    # Rows or columns that repeat numbers have means that are too large.
    for dimension, name in ((0, "column"), (1, "row")):
        means = weight.mean(dimension) * weight.shape[dimension] ** 0.5
        largest = means.abs().max().item()
        figure = f"the mean of a {name} of {what}, times the square root of its length"
        require_figure(largest, 0.0, 6.5, figure)
    require_figure(
        len(weight.unique()) / size, 1.0, 0.1, f"the share of different numbers in {what}"
    )


def test_start(learner, rng):
    """Mean, deviation, tails and repeats are those of standard normal numbers, in each layer."""
    num, dim, padding = 400, 50, 7
    first, second, padded = learner.run(new_weights, num, dim, padding, seed_from(rng))
    for weight in (first, second, padded):
        assert_shape(weight, (num, dim), "weight")
        assert_equal(weight.dtype, torch.float32, "the dtype of weight")

    check_normal(first, "a new weight")
    others = torch.cat([padded[:padding], padded[padding + 1 :]])
    check_normal(others, "the other rows of a new weight with a padding_idx")
    is_same = torch.equal(first, second)
    assert_equal(is_same, False, "whether two new layers have the same numbers")


def new_weight(learner, num, dim, padding_idx, seed) -> torch.Tensor:
    """Set the seed, built Embedding(num, dim, padding_idx), and read its weight."""
    torch.default_generator.manual_seed(seed)
    return learner.Embedding(num, dim, padding_idx).weight


def settings_after(learner, num, dim, padding_idx) -> tuple[bool, bool]:
    """Built Embedding(num, dim, padding_idx) under torch.no_grad(), with a default of float64.

    Then called it on an id that is too large, and caught the error. Returns whether autograd is on
    after that, and whether torch's default dtype is still float64.
    """
    import contextlib  # noqa: PLC0415 - a probe runs alone, without this module's imports

    torch.set_default_dtype(torch.float64)
    with torch.no_grad():
        layer = learner.Embedding(num, dim, padding_idx)
        with contextlib.suppress(Exception):
            layer(torch.tensor([num]))
        is_on = torch.is_grad_enabled()
    is_kept = torch.get_default_dtype() is torch.float64
    torch.set_default_dtype(torch.float32)
    return is_on, is_kept


def test_padding_start(learner, rng):
    """In a new weight, the padding row is all zeros, and no other row or column is.

    A single zero elsewhere can be chance.
    """
    for num, dim, padding in (
        (6, 4, 2),
        (5, 3, 0),
        (7, 4, 6),
        (8, 3, -1),
        (6, 5, -4),
        (4, 4, 1),
        (9, 2, -9),
        (5, 2, None),
    ):
        weight = learner.run(new_weight, num, dim, padding, seed_from(rng))
        assert_shape(weight, (num, dim), "weight")
        zero_rows = torch.zeros(num, dtype=torch.bool)
        if padding is not None:
            zero_rows[padding] = True
        what = "which rows of a new weight are all zeros"
        assert_equal((weight == 0).all(1), zero_rows, what)
        others = (weight[~zero_rows] == 0).all(0)
        what = "which columns of a new weight are all zeros outside the padding row"
        assert_equal(others, torch.zeros(dim, dtype=torch.bool), what)

    is_on, is_kept = learner.run(settings_after, 5, 2, 1)
    what = "whether autograd is on after a layer is built and refuses an id under torch.no_grad()"
    assert_equal(is_on, False, what)
    what = "whether torch's default dtype stays float64 if a layer is built and refuses an id"
    assert_equal(is_kept, True, what)


def gradient(learner, weight, batches, padding_idx, training) -> tuple:
    """Built Embedding(*weight.shape, padding_idx), copied weight into it, called train(training).

    Then looked up the ids of each batch and called backward with the batch's other tensor as the
    gradient of the result. Before the last batch, called torch.autograd.grad instead for a sum
    of its result and another tensor. Returns the gradient of the layer's weight from backward, and
    those of the layer's weight and of the other tensor from torch.autograd.grad.
    """
    torch.default_generator.manual_seed(0)
    layer = learner.Embedding(*weight.shape, padding_idx).to(weight.device)
    layer.train(training)
    with torch.no_grad():
        layer.weight.copy_(weight)
    other = torch.zeros_like(batches[-1][1]).requires_grad_()
    # Both parts of the sum get the same gradient in one tensor. The layer's backward comes first.
    part = other * 1
    idx, cotangent = batches[-1]
    scalar = ((layer(idx) + part) * cotangent).sum()
    direct = torch.autograd.grad(scalar, (layer.weight, other))
    results = [layer(idx) for idx, _ in batches]
    for result, (_, cotangent) in zip(results, batches, strict=True):
        (result * cotangent).sum().backward()
    return layer.weight.grad, *direct


def expected_gradient(weight, batches, padding_idx):
    """The sum of the gradients of all uses of each row, and zeros in the padding row.

    It is summed in float64, and returned in the dtype of the weight.
    """
    total = torch.zeros(weight.shape, dtype=torch.float64)
    for idx, cotangent in batches:
        rows = cotangent.double().reshape(-1, weight.shape[1])
        total.index_add_(0, idx.flatten(), rows)
    if padding_idx is not None:
        total[padding_idx] = 0
    return total.to(weight.dtype)


def test_padding_gradient(learner, rng, device):
    """Only the padding row gets no gradient, although its id occurs several times.

    An infinite gradient that arrives there is stopped too. The gradients of two batches, which are
    looked up before the first backward pass, add up. Another row of zeros has its gradient.
    What is added to the rows, as in a residual connection, keeps its own gradient.
    """
    for num, dim, padding, training, shapes in (
        (6, 4, None, False, ((7,), (2, 4))),
        (7, 3, None, True, ((), (2, 2, 2, 2))),
        (6, 4, 2, True, ((7,), (2, 3, 2))),
        (5, 3, 0, False, ((8,), ())),
        (6, 1, 5, True, ((3501, 3), (0,))),
        (7, 4, -1, True, ((2, 4), (1, 7, 1))),
        (4, 4, -4, False, ((4,), (3, 0, 2))),
    ):
        weight, batches = table(rng, num, dim), []
        weight[1] = 0
        for shape in shapes:
            # Sums of thousands of whole numbers are exact in every order.
            cotangent = (torch.randn(*shape, dim, generator=rng) * 1000).round()
            idx = ids(rng, num, *shape)
            if padding is not None:
                cotangent[idx == padding % num] = math.inf
            batches.append((idx, cotangent))
        sent = [(strided(idx).to(device), strided(pull).to(device)) for idx, pull in batches]
        found = learner.run(gradient, weight.to(device), sent, padding, training)
        expected = expected_gradient(weight, batches, padding)
        assert_close(found[0], expected, "the gradient of weight")
        expected = expected_gradient(weight, batches[-1:], padding)
        assert_close(found[1], expected, "the gradient of weight from torch.autograd.grad")
        what = "the gradient of a tensor that is added to the result"
        assert_equal(found[2], batches[-1][1], what)


def look_up_frozen(
    learner, weight, idx, padding_idx
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, bool]:
    """Built Embedding(*weight.shape, padding_idx), copied weight into it, and looked up idx.

    Looked it up again in eval mode under torch.no_grad(), and then in train mode after
    requires_grad_(False) of the layer. Returns the second and the third result, the layer's weight
    afterwards, and whether it requires a gradient.
    """
    torch.default_generator.manual_seed(0)
    layer = learner.Embedding(*weight.shape, padding_idx).to(idx.device)
    with torch.no_grad():
        layer.weight.copy_(weight)
    layer(idx)
    layer.eval()
    with torch.no_grad():
        result = layer(idx)
    layer.train().requires_grad_(False)
    return result, layer(idx), layer.weight, layer.weight.requires_grad


def test_padding_output(learner, rng, device):
    """Numbers loaded into the padding row stay in it, and the lookup returns them unchanged.

    A lookup that needs no gradient works like any other.
    """
    for num, dim, shape, padding in (
        (6, 4, (7,), 2),
        (5, 3, (2, 5), 0),
        (7, 4, (15,), -1),
        (6, 6, (), -6),
        (1, 2, (3,), 0),
    ):
        weight, idx = table(rng, num, dim), ids(rng, num, *shape)
        weight[padding, 0] = math.inf
        result, frozen, weight_after, is_trained = learner.run(
            look_up_frozen, weight.to(device), idx.to(device), padding
        )
        assert_equal(result, weight[idx])
        assert_equal(frozen, weight[idx], "the result after requires_grad_(False)")
        assert_equal(weight_after, weight, "weight after three lookups")
        what = "whether weight requires a gradient after requires_grad_(False) and a lookup"
        assert_equal(is_trained, False, what)


def loaded(learner, weight, idx, padding_idx) -> tuple[torch.Tensor, torch.Tensor]:
    """Built Embedding(*weight.shape, padding_idx), put it into nn.Sequential, loaded a state dict.

    The state dict is that of an nn.Embedding with this weight in nn.Sequential. Returns the
    layer's weight and the rows for idx.
    """
    torch.default_generator.manual_seed(0)
    layer = learner.Embedding(*weight.shape, padding_idx).to(idx.device)
    nn.Sequential(layer).load_state_dict({"0.weight": weight})
    return layer.weight.detach(), layer(idx).detach()


def saved(learner, weight, padding_idx) -> dict:
    """Built Embedding(*weight.shape, padding_idx), copied weight into it, called state_dict()."""
    torch.default_generator.manual_seed(0)
    layer = learner.Embedding(*weight.shape, padding_idx)
    with torch.no_grad():
        layer.weight.copy_(weight)
    return dict(layer.state_dict())


def load_more_rows(learner, num, dim) -> None:
    """Built Embedding(num, dim), and called load_state_dict with a weight of one row more."""
    torch.default_generator.manual_seed(0)
    learner.Embedding(num, dim).load_state_dict({"weight": torch.ones(num + 1, dim)})


def test_state_dict(learner, rng):
    """Each of the two layers loads what the other one saved, with any numbers in all rows.

    Like an ``nn.Embedding``, the layer refuses a weight of another size.
    """
    for num, dim, padding in ((7, 4, None), (5, 3, 1), (6, 6, -6)):
        weight, idx = table(rng, num, dim), ids(rng, num, 9)
        found, rows = learner.run(loaded, weight, idx, padding)
        assert_equal(found, weight, "the weight after load_state_dict")
        assert_equal(rows, weight[idx], "the result after load_state_dict")
        assert_equal(learner.run(saved, weight, padding), {"weight": weight}, "the state_dict()")
    learner.must_raise(RuntimeError, load_more_rows, 5, 3)


def converted(learner, weight, idx, padding_idx) -> tuple[torch.Tensor, torch.Tensor]:
    """Built an Embedding, looked up idx, called .to(weight.dtype), and copied weight into it.

    Called .to(weight.dtype) again. Returns the rows for idx and the layer's weight.
    """
    torch.default_generator.manual_seed(0)
    layer = learner.Embedding(*weight.shape, padding_idx).to(idx.device)
    layer(idx)
    layer.to(weight.dtype)
    with torch.no_grad():
        layer.weight.copy_(weight)
    # The row padding_idx keeps these numbers.
    layer.to(weight.dtype)
    return layer(idx).detach(), layer.weight.detach()


def copied(learner, first, second, third, idx, padding_idx) -> tuple[list, list]:
    """Built an Embedding, called .to(first.dtype), copied first into its weight, called deepcopy.

    Copied second into the weight of the copy, and looked up idx in both layers. Then assigned
    nn.Parameter(third) as the weight of the copy, and looked up idx again. Returns the three
    results, and the gradients that the sum of each sends to the weight.
    """
    import copy  # noqa: PLC0415 - a probe runs alone, without this module's imports

    torch.default_generator.manual_seed(0)
    layer = learner.Embedding(*first.shape, padding_idx).to(idx.device, first.dtype)
    with torch.no_grad():
        layer.weight.copy_(first)
        another = copy.deepcopy(layer)
        another.weight.copy_(second)
    weights = [layer.weight, another.weight, nn.Parameter(third)]
    results = [layer(idx), another(idx)]
    another.weight = weights[2]
    results.append(another(idx))
    for result in results:
        result.sum().backward()
    return [result.detach() for result in results], [weight.grad for weight in weights]


def left_behind(learner, num, dim, padding_idx) -> list:
    """Built Embedding(num, dim, padding_idx) and listed the attributes that .to() does not move.

    These are tensors that are neither Parameters nor buffers; tensors without a dimension do not
    count, because they work with those of every device.
    """
    found = []
    for name, value in vars(learner.Embedding(num, dim, padding_idx)).items():
        parts = value if isinstance(value, (list, tuple)) else [value]
        if name != "_parameters" and any(
            isinstance(part, torch.Tensor) and part.dim() for part in parts
        ):
            found.append(name)
    return found


def test_conversion(learner, rng, device):
    """Weight and output have the dtype and the precision of the conversion; copies are separate."""
    for dtype, padding in ((torch.float64, None), (torch.float16, 3), (torch.bfloat16, None)):
        weight, idx = table(rng, 6, 4, dtype), ids(rng, 6, 3, 3)
        result, own = learner.run(converted, weight.to(device), idx.to(device), padding)
        after = f"after .to({str(dtype).removeprefix('torch.')})"
        assert_equal(own, weight, f"the weight {after}")
        assert_equal(result, weight[idx], f"the result {after}")

    tables, idx = [table(rng, 5, 3, torch.float64) for _ in range(3)], ids(rng, 5, 7)
    sent = [one.to(device) for one in (*tables, idx)]
    results, found = learner.run(copied, *sent, 2)
    expected = [one[idx] for one in tables]
    assert_equal(results, expected, "the results of a layer and of its copy")
    what = (
        "the gradients for the weight of a deepcopy and for a new Parameter (neither has the hooks "
        "of the first weight)"
    )
    # Another check judges the gradient of the layer itself.
    assert_equal(found[1:], [found[0]] * 2, what, equal_nan=True)
    what = "the attributes with tensors that .to(device) does not move"
    assert_equal(learner.run(left_behind, 5, 3, 2), [], what)


def combined(learner, weight, idx, pull, padding_idx, origin, training) -> tuple:
    """Built Embedding(*weight.shape, padding_idx), converted it to weight.dtype, gave it weight.

    Called train(training) and, without pull, requires_grad_(False). Gave it weight by its origin:
    load_state_dict, a new Parameter, or load_state_dict of a deepcopy. Looked up idx. Returns the
    result, the gradient that pull sends to the weight, and whether the layer is in train mode and
    its weight requires a gradient.
    """
    import copy  # noqa: PLC0415 - a probe runs alone, without this module's imports

    torch.default_generator.manual_seed(0)
    layer = learner.Embedding(*weight.shape, padding_idx).to(weight.device, weight.dtype)
    layer.train(training).requires_grad_(pull is not None)
    if origin == "deepcopy":
        layer = copy.deepcopy(layer)
    if origin == "a new Parameter":
        layer.weight = nn.Parameter(weight, pull is not None)
    else:
        layer.load_state_dict({"weight": weight})
    result = layer(idx)
    if pull is not None:
        # Not backward(pull), for which PyTorch first imports sympy.
        (result * pull).sum().backward()
    return result.detach(), layer.weight.grad, layer.training, layer.weight.requires_grad


def test_combinations(learner, rng, device):
    """Each two properties of ids, weight, arguments and mode occur together.

    A copy is frozen or in eval mode like its original. Row 0 may hold infinity and get it as its
    gradient, which stays infinity and in this row.
    """
    for case in COMBINATIONS:
        (num, dim), dtype, padding = case["size"], case["dtype"], case["padding"]
        weight = table(rng, num, dim, dtype)
        # The last ids are the largest, and of five at least two are the same.
        idx = torch.randint(max(0, num - 3), num, case["shape"], generator=rng)
        if padding is not None and idx.numel() > 1:
            idx.view(-1)[0] = padding % num
        numbers = 3 * torch.randn((*case["shape"], dim), generator=rng, dtype=torch.float64)
        if dtype.itemsize == 2:
            # Sums of so few whole numbers are exact in 16 bits, too.
            numbers.round_()
        pull = numbers.to(dtype)
        if not case["finite"]:
            weight[-1, -1], weight[0, 0] = math.nan, math.inf
            idx.view(-1)[:1] = 0
            pull[idx == (padding or 0) % num] = math.inf
        sent = [case["arrange"](idx).to(device), None]
        if case["trained"]:
            sent[1] = case["arrange"](pull).to(device)
        modes = padding, case["origin"], case["training"]
        result, found, *state = learner.run(combined, weight.to(device), *sent, *modes)
        assert_equal(result, weight[idx], equal_nan=True)
        what = "whether the layer is in train mode, and whether its weight requires a gradient"
        assert_equal(state, [case["training"], case["trained"]], what)
        if case["trained"]:
            wanted = expected_gradient(weight, [(idx, pull)], padding)
            assert_close(found, wanted, "the gradient of weight")

    # In bfloat16, 257 is 256, but the ids are two.
    weight, idx, pull = (
        table(rng, 258, 1, torch.bfloat16),
        torch.tensor([256, 257]),
        torch.ones(2, 1),
    )
    sent = [one.to(device) for one in (weight, idx, pull.bfloat16())]
    found = learner.run(combined, *sent, 256, "load_state_dict", True)[1]
    wanted = expected_gradient(weight, [(idx, pull)], 256)
    assert_close(found, wanted, "the gradient of weight")


def test_bad_ids(learner, rng):
    """Ids that are too large or negative and float ids raise an error, but valid ids do not.

    The seed decides the order, so that no layer can count the calls. Half of the layers are in
    eval mode. This check always runs on the CPU: on another device an id out of range may end the
    whole process.
    """
    errors = (IndexError, RuntimeError, ValueError)
    calls = []
    # In int32, the largest of these ids is 0, and so is its place in the flat table.
    for padding, large in ((None, 2**62), (1, 9)):
        weight, idx = table(rng, 5, 4), ids(rng, 5, 8)
        calls += [(None, weight, idx, padding), (None, weight, idx.flip(0), padding)]
        # Both lists together have each id in a list and each kind of id alone.
        shapes = ((8,), (), (), (2, 4)) if padding is None else ((), (2, 4), (8,), (8,))
        for outside, shape in zip((5, large, -1, -5), shapes, strict=True):
            wrong = ids(rng, 5, *shape)
            wrong.view(-1)[-1] = outside
            calls.append((errors, weight, wrong, padding))
        for floats in (idx.float(), idx.double() + 0.5):
            calls.append(((*errors, TypeError), weight, floats, padding))

    for number in torch.randperm(len(calls), generator=rng).tolist():
        kinds, weight, idx, padding = calls[number]
        if kinds is None:
            found = learner.run(look_up, weight, idx, padding, padding is None)
            assert_equal(found, weight[idx])
        else:
            learner.must_raise(kinds, look_up, weight, idx, padding, padding is None)


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
    """Several steps with repeated ids give PyTorch's weight, with and without padding.

    The last batch repeats the first, so that rows kept from an earlier step are noticed.
    """
    for num, dim, below, shape, padding in (
        (7, 3, 5, (8,), None),
        (6, 4, 5, (3, 5), 2),
        (5, 3, 4, (9,), 0),
    ):
        weight = table(rng, num, dim)
        batches = [
            (ids(rng, below, *shape), torch.randn(*shape, dim, generator=rng)) for _ in range(3)
        ]
        batches.append(batches[0])
        expected = trained(PYTORCH, weight, batches, padding)
        sent = [(idx.to(device), target.to(device)) for idx, target in batches]
        found = learner.run(trained, weight.to(device), sent, padding)
        assert_close(found, expected, "the weight after training")
