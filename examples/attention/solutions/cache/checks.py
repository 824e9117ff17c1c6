"""The checks compute each token alone, with the keys and values that it can see."""

import torch
from torch.nn.functional import scaled_dot_product_attention

from grader.checks import assert_close, assert_equal, assert_shape, reference_vjp

NAMES = ("query", "key", "value", "past_keys", "past_values")


def draw(rng, leading, past, new, dtype=torch.float32):
    """Draw the five arguments, for keys of 5 numbers and values of 3."""
    sizes = [(new, 5), (new, 5), (new, 3), (past, 5), (past, 3)]
    return [torch.randn(*leading, *size, generator=rng, dtype=dtype) for size in sizes]


def reference(query, key, value, past_keys, past_values):
    """Give each new token only the keys and values up to its own."""
    keys, values = torch.cat([past_keys, key], -2), torch.cat([past_values, value], -2)
    outputs = []
    for token in range(query.shape[-2]):
        seen = past_keys.shape[-2] + token + 1
        one = query[..., token : token + 1, :]
        visible = keys[..., :seen, :], values[..., :seen, :]
        outputs.append(scaled_dot_product_attention(one, *visible))
    return torch.cat(outputs, -2), keys, values


def answer(learner, arguments):
    """Return the three results of the submission."""
    result = learner.step(*arguments)
    assert_equal(len(result), 3, "the number of results")
    return result


def test_one(learner, rng):
    """Try one new token in each of two texts."""
    arguments = draw(rng, (2,), 5, 1)
    output, _, _ = answer(learner, arguments)
    assert_close(output, reference(*arguments)[0], "output")


def test_cache(learner, rng):
    """Try one new token and several."""
    for new in (1, 3):
        arguments = draw(rng, (2,), 4, new)
        _, keys, values = answer(learner, arguments)
        _, all_keys, all_values = reference(*arguments)
        assert_equal(keys, all_keys, "keys")
        assert_equal(values, all_values, "values")


def test_several(learner, rng):
    """Try more and fewer new tokens than past ones, then the first token of a text."""
    for past, new in ((2, 4), (4, 3)):
        arguments = draw(rng, (2,), past, new)
        output, _, _ = answer(learner, arguments)
        assert_close(output, reference(*arguments)[0], "output")
    arguments = draw(rng, (2,), 0, 4)
    output, _, _ = answer(learner, arguments)
    assert_shape(output, (2, 4, 3), "output")
    wanted, _, _ = reference(*arguments)
    assert_close(output[:, 0], wanted[:, 0], "the output for the first token")


def test_first(learner, rng):
    """Look at the last token, because it attends to all tokens, whatever the mask."""
    for new in (1, 4):
        arguments = draw(rng, (2,), 0, new)
        output, _, _ = answer(learner, arguments)
        assert_shape(output, (2, new, 3), "output")
        wanted, _, _ = reference(*arguments)
        assert_close(output[:, -1], wanted[:, -1], "the output for the last token")


def test_leading(learner, rng):
    """Try no leading dimension and two, with one new token."""
    for leading in ((), (2, 3)):
        arguments = draw(rng, leading, 4, 1)
        assert_close(learner.step(*arguments), reference(*arguments))


def test_gradient(learner, rng):
    """Send a random gradient back from each of the three results."""
    arguments = [argument.requires_grad_() for argument in draw(rng, (2,), 4, 1)]
    shapes = ((2, 1, 3), (2, 5, 5), (2, 5, 3))
    cotangent = tuple(torch.randn(shape, generator=rng) for shape in shapes)
    _, wanted = reference_vjp(reference, *arguments, cotangent=cotangent)
    _, gradients = learner.vjp("step", *arguments, cotangent=cotangent)
    for name, gradient, expected in zip(NAMES, gradients, wanted, strict=True):
        assert_close(gradient, expected, f"the gradient of {name}")


def test_dtype(learner, rng):
    """Try float64. 1000 in all keys changes no weight, but float32 loses digits to it."""
    query, key, value, past_keys, past_values = draw(rng, (2,), 4, 1, torch.float64)
    arguments = query, key + 1000, value, past_keys + 1000, past_values
    assert_close(learner.step(*arguments), reference(*arguments))


def test_untouched(learner, rng):
    """The grader compares the arguments before and after each call. This call is one of them."""
    arguments = draw(rng, (2,), 4, 3)
    output, _, _ = answer(learner, arguments)
    assert_shape(output, (2, 3, 3), "output")
