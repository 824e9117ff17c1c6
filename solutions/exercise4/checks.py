"""Hidden checks of exercise 4. ``F.linear`` in float64 gives the expected results."""

import torch
from torch.nn import functional as F

from grader.checks import assert_close, assert_equal, assert_shape, reference_vjp


def normal(rng, *shape, dtype=torch.float32):
    """Return distinct random numbers."""
    return torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype)


def layer(rng, inputs, outputs, dtype=torch.float32):
    """Return the weight and the bias of a random ``nn.Linear(inputs, outputs)``."""
    return normal(rng, outputs, inputs, dtype=dtype), normal(rng, outputs, dtype=dtype)


def answer(x, weight):
    """Return what PyTorch's layer gives without a bias, computed in float64."""
    return F.linear(x.double(), weight.double()).to(x.dtype)


def all_in_float32(value):
    """Return whether float32 can hold every number of ``value`` exactly.

    Numbers computed in float64 almost never fit into float32 by chance.
    """
    return bool((value == value.float()).all())


def test_batch(learner, rng, device):
    """Batches with more and with fewer rows than inputs; the bias is left out, then None."""
    for batch, inputs, outputs in ((4, 3, 2), (2, 4, 7)):
        weight, _ = layer(rng, inputs, outputs)
        x = normal(rng, batch, inputs)
        for no_bias in ((), (None,)):
            assert_close(
                learner.linear(x.to(device), weight.to(device), *no_bias), answer(x, weight)
            )


def test_bias(learner, rng, device):
    """The bias is added to each vector, if passed by position or by name.

    The check compares the results for this bias and for a bias of zeros, so that a wrong product
    costs points in one check only.
    """
    for batch, inputs, outputs, by_name in ((4, 5, 3, False), (2, 3, 6, True)):
        weight, bias = layer(rng, inputs, outputs)
        x = normal(rng, batch, inputs)
        given = [tensor.to(device) for tensor in (x, weight, bias)]
        zeros = learner.linear(*given[:2], torch.zeros_like(given[2]))
        assert_shape(zeros, (batch, outputs), "the result for a bias of zeros")
        result = learner.linear(*given[:2], bias=given[2]) if by_name else learner.linear(*given)
        assert_shape(result, (batch, outputs))
        added = (result.double() - zeros.double()).float()
        assert_close(added, bias.expand(batch, outputs), "what the bias adds to the result")


def test_leading(learner, rng, device):
    """Inputs with three and four dimensions, and empty batches, keep their leading shape.

    The expected numbers are those of a plain batch, so that a wrong product costs points in one
    check only.
    """
    for shape, inputs, outputs in (((2, 3), 5, 4), ((3, 1, 2), 4, 6), ((0,), 3, 2), ((2, 0), 3, 4)):
        weight, bias = (tensor.to(device) for tensor in layer(rng, inputs, outputs))
        x = normal(rng, *shape, inputs).to(device)
        result = learner.linear(x, weight, bias)
        assert_shape(result, (*shape, outputs))
        batch = learner.linear(x.reshape(-1, inputs), weight, bias)
        assert_close(
            result.flatten(),
            batch.flatten(),
            "the numbers of the result, compared with those for a plain batch",
        )


def test_one_vector(learner, rng, device):
    """An input without leading dimensions gives one vector.

    With a bias, only the shape is checked, because the check of the bias covers its numbers.
    """
    weight, bias = layer(rng, 4, 3)
    x = normal(rng, 4)
    result = learner.linear(x.to(device), weight.to(device), bias.to(device))
    assert_shape(result, (3,))
    zeros = torch.zeros(3)
    assert_close(
        learner.linear(x.to(device), weight.to(device), zeros.to(device)), answer(x, weight)
    )


def test_any_sizes(learner, rng, device):
    """Sizes for which a wrong orientation raises no error. Only this check uses equal sizes."""
    for batch, inputs, outputs in (
        (2, 4, 4),
        (4, 4, 4),
        (3, 1, 5),
        (3, 6, 1),
        (1, 2, 3),
        (1, 1, 1),
    ):
        weight, _ = layer(rng, inputs, outputs)
        x, zeros = normal(rng, batch, inputs), torch.zeros(outputs)
        assert_close(
            learner.linear(x.to(device), weight.to(device), zeros.to(device)), answer(x, weight)
        )


def test_dtype(learner, rng, device):
    """The result keeps each float dtype.

    A float64 input must not pass through float32 on the way, because that loses digits.
    """
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        weight, bias = layer(rng, 5, 3, dtype)
        x = normal(rng, 4, 5, dtype=dtype)
        result = learner.linear(x.to(device), weight.to(device), bias.to(device))
        assert_shape(result, (4, 3))
        assert_equal(result.dtype, dtype, "the dtype of the result")
        if dtype is torch.float64:
            assert_equal(
                all_in_float32(result),
                False,
                "whether float32 can hold every number of the result",
            )


def gradient(learner, rng, device, position, *, batch, inputs, outputs):
    """Return the learner's gradient of the argument at ``position``, and PyTorch's.

    Only this argument requires a gradient, so that errors with the others stay invisible here.
    """
    arguments = [normal(rng, batch, inputs), *layer(rng, inputs, outputs)]
    arguments[position].requires_grad_()
    cotangent = normal(rng, batch, outputs)
    _, wanted = reference_vjp(F.linear, *arguments, cotangent=cotangent)
    sent = [tensor.detach().to(device).requires_grad_(tensor.requires_grad) for tensor in arguments]
    _, found = learner.vjp("linear", *sent, cotangent=cotangent.to(device))
    return found[position], wanted[position]


def test_input_gradient(learner, rng, device):
    """The input x gets the gradient that PyTorch's layer gives it."""
    for batch in (3, 6):
        found, wanted = gradient(learner, rng, device, 0, batch=batch, inputs=5, outputs=4)
        assert_close(found, wanted, "the gradient of x")


def test_weight_gradient(learner, rng, device):
    """The weight is used for every vector, so it gets the sum over all vectors."""
    for batch in (3, 6):
        found, wanted = gradient(learner, rng, device, 1, batch=batch, inputs=4, outputs=5)
        assert_close(found, wanted, "the gradient of weight")


def test_bias_gradient(learner, rng, device):
    """The bias is in every output vector, so it gets the sum of all their gradients."""
    for batch in (1, 4):
        found, wanted = gradient(learner, rng, device, 2, batch=batch, inputs=6, outputs=5)
        assert_close(found, wanted, "the gradient of bias")


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
