"""Hidden checks of exercise 4. ``F.linear`` in float64 gives the expected results."""

import torch
from torch.nn import functional as F

from grader.checks import (
    assert_close,
    assert_equal,
    assert_shape,
    noncontiguous,
    pairwise,
    reference_vjp,
)

COMBINATIONS = tuple(
    pairwise(
        empty={"leading": (0,)},
        without=({"bias": None, "trains_bias": True},),
        leading=((3,), (), (0,), (2, 1, 3)),
        dtype=(torch.float32, torch.float64, torch.float16, torch.bfloat16),
        sizes=((4, 3), (64, 1), (3, 3)),
        bias=("random", "zeros", None),
        arrange_x=(torch.clone, noncontiguous),
        arrange_others=(torch.clone, noncontiguous),
        trains_x=(False, True),
        trains_weight=(True, False),
        trains_bias=(False, True),
        infinite=(None, 0, 1),
    )
)


def normal(rng, *shape, dtype=torch.float32):
    """Return distinct random numbers."""
    return torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype)


def whole(rng, largest, *shape):
    """Return whole numbers from ``-largest`` to ``largest``, without zero, in float64."""
    size = torch.randint(1, largest + 1, shape, generator=rng).double()
    sign = torch.randint(0, 2, shape, generator=rng) * 2 - 1
    return size * sign


def layer(rng, inputs, outputs, dtype=torch.float32):
    """Return the weight and the bias of a random ``nn.Linear(inputs, outputs)``."""
    return normal(rng, outputs, inputs, dtype=dtype), normal(rng, outputs, dtype=dtype)


def answer(x, weight, bias=None):
    """Return the output of PyTorch's layer, computed in float64."""
    if bias is not None:
        bias = bias.double()
    return F.linear(x.double(), weight.double(), bias).to(x.dtype)


def test_batch(learner, rng, device):
    """Batches with more and with fewer rows than inputs; the bias is left out, then None."""
    for batch, inputs, outputs in ((4, 3, 2), (2, 4, 7)):
        weight, _ = layer(rng, inputs, outputs)
        x = normal(rng, batch, inputs)
        for no_bias in ((), (None,)):
            assert_close(
                learner.linear(x.to(device), weight.to(device), *no_bias), answer(x, weight)
            )

    # The same row three times, without a copy, and a weight that is stored by columns.
    x = normal(rng, 1, 5).expand(3, 5)
    weight = normal(rng, 5, 4).T
    assert_close(learner.linear(x.to(device), weight.to(device)), answer(x, weight))


def test_bias(learner, rng, device):
    """The bias is added to each vector, if passed by position or by name.

    Includes batches with as many rows as outputs, a single output, and a square weight.
    """
    for batch, inputs, outputs, by_name in (
        (4, 5, 3, False),
        (2, 3, 6, True),
        (4, 2, 4, False),
        (3, 2, 1, True),
        (2, 4, 4, False),
    ):
        weight, bias = layer(rng, inputs, outputs)
        x = normal(rng, batch, inputs)
        given = [tensor.to(device) for tensor in (x, weight, bias)]
        if by_name:
            result = learner.linear(*given[:2], bias=given[2])
        else:
            result = learner.linear(*given)
        assert_close(result, answer(x, weight, bias))


def check_without_bias(learner, device, x, weight):
    """Compare the result for a bias of zeros, or without one if there is a single output."""
    bias = [torch.zeros(len(weight)).to(device)] if len(weight) > 1 else []
    assert_close(learner.linear(x.to(device), weight.to(device), *bias), answer(x, weight))


def check_like_a_batch(learner, device, x, weight, bias):
    """Compare the result with the learner's own result for the same vectors in a plain batch.

    A wrong use of the bias then costs points in the check of the bias only.
    """
    weight, bias = weight.to(device), bias.to(device)
    result = learner.linear(x.to(device), weight, bias)
    assert_shape(result, (*x.shape[:-1], len(weight)))
    batch = learner.linear(x.reshape(-1, x.shape[-1]).to(device), weight, bias)
    assert_close(
        result.flatten(),
        batch.flatten(),
        "the numbers of the result, compared with those for a plain batch",
    )


def test_leading(learner, rng, device):
    """Inputs with three to seven dimensions, and empty batches, keep their leading shape.

    The bias is zero or left out here, so that a wrong use of it costs no points.
    """
    for shape, inputs, outputs in (
        ((2, 3), 5, 4),
        ((1, 3), 5, 4),
        ((3, 1, 2), 4, 1),
        ((0, 3), 3, 2),
        ((2, 0), 3, 4),
        ((1, 2, 1, 3, 1, 2), 3, 5),
    ):
        weight, _ = layer(rng, inputs, outputs)
        check_without_bias(learner, device, normal(rng, *shape, inputs), weight)

    # The leading dimensions are swapped in memory, so `view` cannot flatten this x.
    x = normal(rng, 2, 4, 3).transpose(0, 1)
    weight, _ = layer(rng, 3, 5)
    assert_close(
        learner.linear(x.to(device), weight.to(device), torch.zeros(5).to(device)),
        answer(x, weight),
    )

    # With as many vectors as outputs, a bias in the wrong dimension raises no error.
    for shape, inputs, outputs in (((3, 3), 4, 3), ((2, 1, 4), 5, 2)):
        x = normal(rng, *shape, inputs)
        check_like_a_batch(learner, device, x, *layer(rng, inputs, outputs))


def test_one_vector(learner, rng, device):
    """An input without leading dimensions gives one vector."""
    for inputs, outputs in ((4, 3), (3, 1), (1, 3)):
        weight, _ = layer(rng, inputs, outputs)
        check_without_bias(learner, device, normal(rng, inputs), weight)

    x = normal(rng, 4)
    check_like_a_batch(learner, device, x, *layer(rng, 4, 3))


def check_spread(learner, rng, device):
    """An infinite number and a nan in x reach all outputs of their vector, and no others.

    An infinite weight makes its output infinite, or nan where it meets a zero, also in a vector of
    zeros. So does an infinite number in x where it meets a weight of zero. The last input is zero
    in all vectors, and still counts.

    Code that works in blocks must not read a number of the many inputs twice, not even times zero.
    """
    weight, _ = layer(rng, 4, 6)
    x = normal(rng, 5, 4)
    x[1, 2], x[3, 0] = torch.inf, torch.nan
    weight[0, 2] = 0.0
    weight[2, 1], x[4] = torch.inf, 0.0
    weight[5, 3], x[:, 3] = torch.inf, 0.0
    # An input that no output uses.
    pruned = weight.clone()
    pruned[:, 2] = 0
    many, _ = layer(rng, 1030, 2)
    many[:, 0] = many[1, -1] = torch.inf
    # The identity has zeros that count, and so do zeros alone.
    for vectors, given in (
        (x, weight),
        (x, pruned),
        (x, torch.eye(4)),
        (torch.zeros(2, 4), weight),
        (normal(rng, 3, 1030).abs() / 1030, many),
    ):
        bias = torch.zeros(len(given)).to(device)
        result = learner.linear(vectors.to(device), given.to(device), bias)
        expected = answer(vectors, given)
        assert_shape(result, expected.shape)
        assert_equal(result.isnan(), expected.isnan(), "where the result is nan")
        known = ~expected.isnan()
        assert_close(result[known], expected[known], "the numbers of the result that are not nan")


def test_any_sizes(learner, rng, device):
    """Sizes for which a wrong orientation raises no error, and numbers that are not finite."""
    for batch, inputs, outputs in (
        (2, 4, 4),
        (4, 4, 4),
        (3, 1, 5),
        (4200, 2, 1),
        (1, 2, 4100),
        (1, 1, 1),
        (4, 300, 70),
    ):
        weight, _ = layer(rng, inputs, outputs)
        # Small enough that the rounding of 300 products stays within the tolerance.
        check_without_bias(learner, device, normal(rng, batch, inputs) / inputs, weight)
    check_spread(learner, rng, device)


# Whole numbers up to this size have products and sums that the dtype holds exactly, in any order.
EXACT = {torch.float64: 2**20, torch.float32: 2**10, torch.float16: 2**4, torch.bfloat16: 2**2}
# Powers of two that the next smaller dtype cannot hold.
SCALES = {
    torch.float64: (2.0**-300, 2.0**300),
    torch.float32: (2.0**-60, 2.0**60),
    torch.float16: (2.0**-8, 2.0**5),
    torch.bfloat16: (2.0**-60, 2.0**60),
}


def test_dtype(learner, rng, device):
    """The result keeps each float dtype and its precision, for large and for tiny numbers.

    All numbers are exact in their dtype. A detour through a smaller dtype loses digits or ends
    at infinity.
    """
    # Numbers of usual size come first: the other ones hide what a wrong dtype has in common.
    weight, _ = layer(rng, 5, 3, torch.float64)
    x = normal(rng, 4, 5, dtype=torch.float64)
    assert_close(learner.linear(x.to(device), weight.to(device)), answer(x, weight))
    for dtype, largest in EXACT.items():
        weight = whole(rng, largest, 3, 5)
        scale = torch.tensor(SCALES[dtype], dtype=torch.float64).repeat(2)
        x = whole(rng, largest, 4, 5) * scale.unsqueeze(1)
        expected = (x @ weight.T).to(dtype)
        sent = [tensor.to(dtype).to(device) for tensor in (x, weight, torch.zeros(3))]
        assert_equal(learner.linear(*sent), expected)

    # All products and sums are multiples of the smallest number of float16, so they are exact. The
    # mean of the products is not.
    x, weight = whole(rng, 4, 3, 60), whole(rng, 4, 2, 60) * 2.0**-24
    result = learner.linear(x.half().to(device), weight.half().to(device))
    assert_equal(result, (x @ weight.T).half(), "the sum of tiny products")


def check_gradient(learner, rng, device, position, what, shapes):
    """Compare the gradient of the argument at ``position`` with PyTorch's for random cotangents.

    In the last case all arguments require a gradient. In the others only this one does, so that
    errors with the others stay invisible here. ``shapes`` are leading shapes, inputs and outputs.
    """
    for number, (leading, inputs, outputs) in enumerate(shapes, 1):
        weight, bias = layer(rng, inputs, outputs)
        if number == 2:
            # A bias that starts at zero must learn too.
            bias = torch.zeros(outputs)
        arguments = [normal(rng, *leading, inputs), weight, bias]
        for index, argument in enumerate(arguments):
            argument.requires_grad_(index == position or number == len(shapes))

        # A gradient need not be contiguous either.
        cotangent = noncontiguous(normal(rng, *leading, outputs))
        _, wanted = reference_vjp(F.linear, *arguments, cotangent=cotangent)
        sent = [
            tensor.detach().to(device).requires_grad_(tensor.requires_grad) for tensor in arguments
        ]
        _, found = learner.vjp("linear", *sent, cotangent=cotangent.to(device))
        assert_close(found[position], wanted[position], what)


def test_input_gradient(learner, rng, device):
    """The input x gets the gradient that PyTorch's layer gives it."""
    shapes = (((3,), 5, 4), ((2, 3), 4, 5), ((), 3, 2))
    check_gradient(learner, rng, device, 0, "the gradient of x", shapes)
    # Zeros in x get their gradient, too.
    weight, bias = layer(rng, 4, 3)
    x, cotangent = torch.zeros(2, 4), normal(rng, 2, 3)
    sent = [tensor.to(device) for tensor in (x, weight, bias)]
    sent[0].requires_grad_()
    _, (found, *_) = learner.vjp("linear", *sent, cotangent=cotangent.to(device))
    assert_close(found, cotangent @ weight, "the gradient of x")


def test_weight_gradient(learner, rng, device):
    """The weight is used for every vector, so it gets the sum over all vectors."""
    shapes = (((3,), 4, 5), ((2, 3), 5, 2), ((), 3, 4))
    check_gradient(learner, rng, device, 1, "the gradient of weight", shapes)


def test_bias_gradient(learner, rng, device):
    """The bias is in every output vector, so it gets the sum of all their gradients."""
    shapes = (((4,), 6, 5), ((2, 3), 4, 1), ((), 3, 2))
    check_gradient(learner, rng, device, 2, "the gradient of bias", shapes)


def test_combinations(learner, rng, device):
    """Each two properties of the inputs occur together, with and without gradients.

    An infinite number is in x or in weight. Gradients are compared where all numbers are finite.
    """
    for case in COMBINATIONS:
        (inputs, outputs), leading = case["sizes"], case["leading"]
        # Sums of these products are exact in 16 bits, too.
        x, cotangent = whole(rng, 2, *leading, inputs), whole(rng, 2, *leading, outputs)
        weight, bias = whole(rng, 2, outputs, inputs), whole(rng, 2, outputs)
        bias *= case["bias"] == "random"
        if case["dtype"] is torch.float64:
            # float32 does not hold such numbers. One side only, so that their sums are exact.
            exact = x if case["trains_x"] else weight
            exact *= 1 + 2**-30
        infinite = case["infinite"] if x.numel() else None
        if infinite is not None:
            (x, weight)[infinite].view(-1)[0] = torch.inf
            # In the other one, a zero: the product is nan.
            (weight, x)[infinite].view(-1)[0] = 0
        arrange_others = case["arrange_others"]
        arguments = [
            case["arrange_x"](x.to(case["dtype"])).requires_grad_(case["trains_x"]),
            arrange_others(weight.to(case["dtype"])).requires_grad_(case["trains_weight"]),
        ]
        if case["bias"]:
            bias = arrange_others(bias.to(case["dtype"]))
            arguments.append(bias.requires_grad_(case["trains_bias"]))
        check_case(learner, device, arguments, cotangent)
    # Of so many vectors, code that works in blocks makes several.
    x, weight, bias = whole(rng, 2, 12_000, 1), whole(rng, 2, 1, 1), whole(rng, 2, 1)
    arguments = [tensor.float().requires_grad_() for tensor in (x, weight, bias)]
    check_case(learner, device, arguments, whole(rng, 2, 12_000, 1))


def check_case(learner, device, arguments, cotangent):
    """Compare the result, and the gradients of finite arguments, with formulas in float64."""
    x, weight, *bias = (argument.detach().double() for argument in arguments)
    expected = (x @ weight.T + sum(bias)).to(arguments[0].dtype)
    sent = [tensor.detach().to(device).requires_grad_(tensor.requires_grad) for tensor in arguments]
    given = noncontiguous(cotangent.to(expected.dtype)).to(device)
    result, gradients = learner.vjp("linear", *sent, cotangent=given)
    assert_equal(result, expected, equal_nan=True)
    if not (x.isfinite().all() and weight.isfinite().all()):
        return

    rows = cotangent.reshape(-1, len(weight))
    formulas = (cotangent @ weight, rows.T @ x.reshape(-1, x.shape[-1]), rows.sum(0))
    named = zip(("x", "weight", "bias"), arguments, gradients, formulas, strict=False)
    for name, argument, gradient, formula in named:
        if argument.requires_grad and x.numel():
            assert_equal(gradient, formula.to(expected.dtype), f"the gradient of {name}")


def look_afterwards(
    learner, x, weight, bias
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Called linear(x, weight, bias), then read its result, x, weight and bias."""
    result = learner.linear(x, weight, bias)
    return result, x, weight, bias


def test_inputs_untouched(learner, rng, device):
    """The inputs are the same after the call.

    Includes a square weight, which keeps its shape if it is transposed in place.
    """
    for inputs, outputs in ((5, 3), (4, 4)):
        weight, bias = layer(rng, inputs, outputs)
        x = normal(rng, 2, inputs)
        sent = [tensor.to(device) for tensor in (x, weight, bias)]
        result, *after = learner.run(look_afterwards, *sent)
        assert_shape(result, (2, outputs))
        for name, now, before in zip(
            ("x", "weight", "bias"), after, (x, weight, bias), strict=True
        ):
            assert_equal(now, before, f"{name} after the call")
