"""Hidden checks of exercise 12. The oracle is one tensor and its products, without any layer."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from grader.checks import assert_close, assert_equal, assert_shape


def table(rng, num, dim, dtype=torch.float32):
    """A random weight of shape (num, dim)."""
    return torch.randn(num, dim, generator=rng, dtype=torch.float64).to(dtype)


def ids(rng, below, *shape):
    """Ids below ``below`` in random order, repeated until they fill ``shape``."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def scores(weight, idx):
    """The dot products of each looked-up row with all rows, computed in float64."""
    rows = weight.double()[idx]
    return torch.einsum("...d,nd->...n", rows, weight.double()).to(weight.dtype)


def parts(learner, num, dim) -> dict:
    """Built TiedModel(num, dim) and read embedding and projection."""
    model = learner.TiedModel(num, dim)
    return {
        "embedding is an nn.Embedding": isinstance(model.embedding, nn.Embedding),
        "embedding.num_embeddings": model.embedding.num_embeddings,
        "embedding.embedding_dim": model.embedding.embedding_dim,
        "projection is an nn.Linear": isinstance(model.projection, nn.Linear),
        "projection.in_features": model.projection.in_features,
        "projection.out_features": model.projection.out_features,
        "projection.bias": model.projection.bias,
    }


def test_parts(learner):
    """Both layers have the right type and report the right sizes."""
    for num, dim in ((7, 3), (4, 6)):
        expected = {
            "embedding is an nn.Embedding": True,
            "embedding.num_embeddings": num,
            "embedding.embedding_dim": dim,
            "projection is an nn.Linear": True,
            "projection.in_features": dim,
            "projection.out_features": num,
            "projection.bias": None,
        }
        assert_equal(learner.run(parts, num, dim), expected, "the types and sizes of the layers")


def answer(learner, weight, idx) -> torch.Tensor:
    """Built TiedModel(*weight.shape), converted it to weight.dtype, copied weight into both layers.

    Filled the projection's bias, if there is one, with zeros. Then called the model on idx.
    """
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weight.shape).to(idx.device, weight.dtype)
    with torch.no_grad():
        model.projection.weight.copy_(weight)
        model.embedding.weight.copy_(weight)
        if getattr(model.projection, "bias", None) is not None:
            model.projection.bias.zero_()
    return model(idx).detach()


def test_scores(learner, rng, device):
    """The scores are right for ids in any order; in float64 to float64's precision."""
    for num, dim, below, count, dtype in (
        (7, 4, 5, 6, torch.float32),
        (5, 8, 5, 7, torch.float32),
        (6, 1, 4, 3, torch.float64),
    ):
        weight, idx = table(rng, num, dim, dtype), ids(rng, below, count)
        assert_close(learner.run(answer, weight.to(device), idx.to(device)), scores(weight, idx))


def test_any_shape(learner, rng, device):
    """Ids of any shape, 0-d and empty included, get the scores of a flat list of these ids."""
    for num, dim, shape in (
        (7, 4, (3, 5)),
        (6, 5, (2, 3, 4)),
        (7, 5, (2, 1, 3)),
        (8, 3, (1, 2)),
        (6, 4, ()),
        (5, 4, (3, 0)),
    ):
        weight, idx = table(rng, num, dim).to(device), ids(rng, num, *shape).to(device)
        result = learner.run(answer, weight, idx)
        assert_shape(result, (*shape, num), "the scores")
        listed = learner.run(answer, weight, idx.flatten())
        assert_close(
            result.flatten(),
            listed.flatten(),
            "the scores, compared with those for a flat list of the ids",
        )


SHARED = (
    "embedding.weight is a Parameter",
    "embedding.weight is trained",
    "projection.weight is embedding.weight",
)


def shared(learner, num, dim) -> dict:
    """Built TiedModel(num, dim) and read the weights of its two layers."""
    model = learner.TiedModel(num, dim)
    return {
        "embedding.weight is a Parameter": isinstance(model.embedding.weight, nn.Parameter),
        "embedding.weight is trained": model.embedding.weight.requires_grad,
        "projection.weight is embedding.weight": model.projection.weight is model.embedding.weight,
    }


def read_the_other(learner, num, dim) -> tuple[torch.Tensor, torch.Tensor]:
    """Built TiedModel(num, dim), filled embedding.weight with 2, and read projection.weight.

    Then filled projection.weight with 3 and read embedding.weight.
    """
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(num, dim)
    with torch.no_grad():
        model.embedding.weight.fill_(2)
        first = model.projection.weight.detach().clone()
        model.projection.weight.fill_(3)
        return first, model.embedding.weight.detach().clone()


def test_one_parameter(learner):
    """Both weights are the same object, and a change to one changes the other."""
    for num, dim in ((7, 3), (4, 6)):
        first, second = learner.run(read_the_other, num, dim)
        assert_equal(
            bool((first == 2).all()),
            True,
            "whether projection.weight changes with embedding.weight",
        )
        assert_equal(
            bool((second == 3).all()),
            True,
            "whether embedding.weight changes with projection.weight",
        )
        assert_equal(
            learner.run(shared, num, dim),
            dict.fromkeys(SHARED, True),
            "the properties of the weights",
        )


def gradient(learner, weight, idx, cotangent):
    """Built TiedModel(*weight.shape), copied weight into it, and called it on idx.

    Then called backward with cotangent as the gradient of the scores.
    Returns the gradient of embedding.weight.
    """
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weight.shape).to(idx.device)
    with torch.no_grad():
        model.projection.weight.copy_(weight)
        model.embedding.weight.copy_(weight)
    (model(idx) * cotangent).sum().backward()
    return model.embedding.weight.grad


def test_gradient(learner, rng, device):
    """The gradient is the sum of both shares, computed by hand, for repeated and missing ids."""
    for num, dim, below, count in ((7, 4, 5, 6), (5, 3, 5, 8), (8, 4, 3, 5)):
        weight, idx = table(rng, num, dim), ids(rng, below, count)
        cotangent = torch.randn(count, num, generator=rng)
        pull = cotangent.double()
        of_projection = pull.T @ weight.double()[idx]
        of_lookup = torch.zeros(num, dim, dtype=torch.float64).index_add(
            0, idx, pull @ weight.double()
        )
        found = learner.run(gradient, weight.to(device), idx.to(device), cotangent.to(device))
        assert_close(found, (of_projection + of_lookup).float(), "the gradient of the weight")


def train(learner, weight, batches, lr) -> tuple[torch.Tensor, torch.Tensor]:
    """Built TiedModel(*weight.shape), copied weight into it, and trained both weights with SGD.

    Took one step with learning rate lr per pair of ids and next ids; the loss was the cross
    entropy. A bias of the projection was filled with zeros and not trained.
    Returns both weights.
    """
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weight.shape).to(weight.device)
    with torch.no_grad():
        model.projection.weight.copy_(weight)
        model.embedding.weight.copy_(weight)
        if getattr(model.projection, "bias", None) is not None:
            model.projection.bias.zero_()
    for idx, following in batches:
        model.zero_grad()
        nn.functional.cross_entropy(model(idx), following).backward()
        with torch.no_grad():
            for parameter in {model.embedding.weight, model.projection.weight}:
                if parameter.grad is not None:
                    parameter -= lr * parameter.grad
    return model.embedding.weight.detach(), model.projection.weight.detach()


def trained(weight, batches, lr):
    """The same training with one tensor that is used twice."""
    weight = weight.clone()
    for idx, following in batches:
        leaf = weight.requires_grad_()
        loss = F.cross_entropy(F.embedding(idx, leaf) @ leaf.T, following)
        (step,) = torch.autograd.grad(loss, leaf)
        weight = (leaf - lr * step).detach()
    return weight


def test_training(learner, rng, device):
    """Several steps of predicting the next id give the reference weight in both layers."""
    for num, dim, count in ((7, 3, 5), (5, 4, 8)):
        weight, lr = table(rng, num, dim), 0.5 + float(torch.rand((), generator=rng))
        batches = [(ids(rng, num, count), ids(rng, num, count)) for _ in range(3)]
        expected = trained(weight, batches, lr)
        sent = [(idx.to(device), following.to(device)) for idx, following in batches]
        embedding, projection = learner.run(train, weight.to(device), sent, lr)
        assert_close(embedding, expected, "embedding.weight after training")
        assert_close(projection, expected, "projection.weight after training")


def whether_tied(learner, weight, idx) -> dict:
    """Built TiedModel(*weight.shape) and read after each action whether both weights are one."""
    import copy  # noqa: PLC0415 - a probe runs alone, without this module's imports

    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weight.shape)
    state = {"embedding.weight": weight, "projection.weight": weight}
    found = {}
    for name, change in {
        "to float64": lambda: model.to(torch.float64),
        "load_state_dict": lambda: model.load_state_dict(state, strict=False),
        "a backward pass": lambda: model(idx).sum().requires_grad_().backward(),
        "zero_grad": lambda: model.zero_grad(),
        "eval": lambda: model.eval(),
    }.items():
        change()
        found[name] = model.projection.weight is model.embedding.weight
    copied = copy.deepcopy(model)
    found["deepcopy"] = copied.projection.weight is copied.embedding.weight
    return found


def test_stays_tied(learner, rng):
    """The layers stay tied after conversion, loading, backward, zero_grad, eval and deepcopy."""
    weight, idx = table(rng, 7, 4, torch.float64), ids(rng, 5, 6)
    found = learner.run(whether_tied, weight, idx)
    names = ("to float64", "load_state_dict", "a backward pass", "zero_grad", "eval", "deepcopy")
    assert_equal(
        found,
        dict.fromkeys(names, True),
        "whether both weights are the same Parameter after each action",
    )


def saved(learner, weight) -> dict:
    """Built TiedModel(*weight.shape), copied weight into both layers, and read state_dict()."""
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weight.shape)
    with torch.no_grad():
        model.projection.weight.copy_(weight)
        model.embedding.weight.copy_(weight)
    state = model.state_dict()
    return {name: state.get(name) for name in ("embedding.weight", "projection.weight")}


def loaded(learner, state) -> tuple[torch.Tensor, torch.Tensor]:
    """Built a TiedModel of the same sizes and called load_state_dict(state, strict=False).

    Returns both weights.
    """
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*state["embedding.weight"].shape)
    model.load_state_dict(state, strict=False)
    return model.embedding.weight.detach(), model.projection.weight.detach()


def test_state_dict(learner, rng):
    """The state has the weight under both names, and the model loads it."""
    for num, dim in ((7, 3), (4, 6)):
        weight = table(rng, num, dim)
        state = {"embedding.weight": weight, "projection.weight": weight}
        assert_equal(
            learner.run(saved, weight), state, "the contents of state_dict() under both names"
        )
        found = dict(zip(state, learner.run(loaded, state), strict=True))
        assert_equal(found, state, "the weights after load_state_dict")
