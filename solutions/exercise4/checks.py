"""Hidden checks of exercise 4. The oracle is ``F.linear``, in float64 and on this side only."""

import torch
from torch.nn import functional as F

from grader.examiner.compare import assert_close, assert_equal
from grader.examiner.probes import reference_vjp


def normal(rng, *shape, dtype=torch.float32):
    """Random numbers of which no two are equal."""
    return torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype)


def layer(rng, inputs, outputs, dtype=torch.float32):
    """The weight and the bias of a random ``nn.Linear(inputs, outputs)``."""
    return normal(rng, outputs, inputs, dtype=dtype), normal(rng, outputs, dtype=dtype)


def answer(x, weight, bias=None):
    """What PyTorch's layer returns, calculated in float64."""
    bias = None if bias is None else bias.double()
    return F.linear(x.double(), weight.double(), bias).to(x.dtype)


def test_batch(learner, rng, device):
    """Batches with more and with fewer rows than there are inputs, without a bias."""
    for batch, inputs, outputs in ((4, 3, 2), (2, 4, 7)):
        weight, _ = layer(rng, inputs, outputs)
        x = normal(rng, batch, inputs)
        assert_close(learner.linear(x.to(device), weight.to(device)), answer(x, weight))


def test_bias(learner, rng, device):
    """A bias given by its place or by its name, none at all, and one that is a single zero."""
    weight, bias = layer(rng, 5, 3)
    x = normal(rng, 4, 5)
    sent = [tensor.to(device) for tensor in (x, weight, bias)]
    assert_close(learner.linear(*sent), answer(x, weight, bias))
    assert_close(learner.linear(*sent[:2], bias=sent[2]), answer(x, weight, bias))
    assert_close(learner.linear(*sent[:2], None), answer(x, weight))
    weight, _ = layer(rng, 3, 1)
    x, bias = normal(rng, 2, 3), torch.zeros(1)
    assert_close(learner.linear(x.to(device), weight.to(device), bias.to(device)), answer(x, weight, bias))


def test_leading(learner, rng, device):
    """Three and four dimensions, and batches of no rows."""
    for shape, inputs, outputs in (((2, 3), 5, 4), ((3, 1, 2), 4, 6), ((0,), 3, 2), ((2, 0), 3, 4)):
        weight, bias = layer(rng, inputs, outputs)
        x = normal(rng, *shape, inputs)
        result = learner.linear(x.to(device), weight.to(device), bias.to(device))
        assert_close(result, answer(x, weight, bias))


def test_one_vector(learner, rng, device):
    """No leading dimensions, without and with a bias."""
    weight, bias = layer(rng, 4, 3)
    x = normal(rng, 4)
    assert_close(learner.linear(x.to(device), weight.to(device)), answer(x, weight))
    assert_close(learner.linear(x.to(device), weight.to(device), bias.to(device)), answer(x, weight, bias))


def test_any_sizes(learner, rng, device):
    """Sizes that let a wrong orientation pass unnoticed. Equal ones are meant here, and only here."""
    for batch, inputs, outputs in ((2, 4, 4), (4, 4, 4), (3, 1, 5), (3, 6, 1), (1, 2, 3), (1, 1, 1)):
        weight, bias = layer(rng, inputs, outputs)
        x = normal(rng, batch, inputs)
        result = learner.linear(x.to(device), weight.to(device), bias.to(device))
        assert_close(result, answer(x, weight, bias))


def test_dtype(learner, rng, device):
    """The four float dtypes; of the short ones, numbers so small and whole that no road to the sum rounds."""
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        weight, bias = layer(rng, 5, 3, dtype)
        x = normal(rng, 2, 4, 5, dtype=dtype)
        if dtype.itemsize < 4:
            x, weight, bias = (
                torch.randint(-3, 4, tensor.shape, generator=rng).to(dtype) for tensor in (x, weight, bias)
            )
        result = learner.linear(x.to(device), weight.to(device), bias.to(device))
        assert_close(result, answer(x, weight, bias))


def gradients(learner, rng, device, *, shape, inputs, outputs, bias):
    """The learner's gradients of x, weight and bias, and PyTorch's, for results that agree."""
    weight, added = layer(rng, inputs, outputs, torch.float64)
    x = normal(rng, *shape, inputs, dtype=torch.float64)
    given = [tensor.requires_grad_() for tensor in (x, weight, added)][: 3 if bias else 2]
    cotangent = normal(rng, *shape, outputs, dtype=torch.float64)
    expected, wanted = reference_vjp(F.linear, *given, cotangent=cotangent)
    sent = [tensor.detach().to(device).requires_grad_() for tensor in given]
    result, found = learner.vjp("linear", *sent, cotangent=cotangent.to(device))
    assert_close(result, expected)
    return found, wanted


def test_input_gradient(learner, rng, device):
    """What the outputs are sensitive to comes back to each input, without and with a bias."""
    for bias, shape in ((False, (3,)), (True, (3, 2))):
        found, wanted = gradients(learner, rng, device, shape=shape, inputs=5, outputs=4, bias=bias)
        assert_close(found[0], wanted[0], "the gradient of x")


def test_weight_gradient(learner, rng, device):
    """The weight is used for every vector and gets the sum over all of them."""
    for bias, shape in ((False, (3,)), (True, (2, 3))):
        found, wanted = gradients(learner, rng, device, shape=shape, inputs=4, outputs=5, bias=bias)
        assert_close(found[1], wanted[1], "the gradient of weight")


def test_bias_gradient(learner, rng, device):
    """The bias is in every output vector and gets the sum of all their gradients."""
    for shape in ((), (4,), (2, 3)):
        found, wanted = gradients(learner, rng, device, shape=shape, inputs=6, outputs=5, bias=True)
        assert_close(found[2], wanted[2], "the gradient of bias")


def look_afterwards(learner, x, weight, bias) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Called linear(x, weight, bias), and then looked at its result, x, weight and bias."""
    result = learner.linear(x, weight, bias)
    return result, x, weight, bias


def test_inputs_untouched(learner, rng, device):
    """What was given can be used again; a square layer keeps its shape even where it is transposed."""
    for inputs, outputs in ((5, 3), (4, 4)):
        weight, bias = layer(rng, inputs, outputs)
        x = normal(rng, 2, inputs)
        sent = [tensor.to(device) for tensor in (x, weight, bias)]
        result, *after = learner.run(look_afterwards, *sent)
        assert_close(result, answer(x, weight, bias))
        for name, now, before in zip(("x", "weight", "bias"), after, (x, weight, bias), strict=True):
            assert_equal(now, before, f"after the call, {name}")
