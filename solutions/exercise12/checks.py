"""Hidden checks of exercise 12. The oracle is one tensor and its products, with no layer and no tying in it."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from grader.examiner.compare import assert_close, assert_equal


def table(rng, num, dim, dtype=torch.float32):
    """A random weight of shape (num, dim)."""
    return torch.randn(num, dim, generator=rng, dtype=torch.float64).to(dtype)


def ids(rng, below, *shape):
    """Ids under ``below`` in random order, again and again until ``shape`` is full."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def scores(weight, idx):
    """The dot product of each looked-up row with each row there is, calculated in float64."""
    rows = weight.double()[idx]
    return torch.einsum("...d,nd->...n", rows, weight.double()).to(weight.dtype)


def parts(learner, num, dim) -> dict:
    """Built TiedModel(num, dim) and looked at its two attributes."""
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
    """More ids than columns and fewer; what each layer says that it is."""
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
        assert_equal(learner.run(parts, num, dim), expected, "what the layers are")


def answer(learner, weight, idx) -> torch.Tensor:
    """Built TiedModel(*weight.shape), copied weight into both of its layers, and called the model on idx."""
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weight.shape).to(idx.device)
    with torch.no_grad():
        model.projection.weight.copy_(weight)
        model.embedding.weight.copy_(weight)
    return model(idx).detach()


def test_scores(learner, rng, device):
    """Ids in any order, with repeats, without and with the last one."""
    for num, dim, below, shape in ((7, 4, 5, (6,)), (5, 8, 5, (2, 3)), (6, 1, 4, (3,))):
        weight, idx = table(rng, num, dim), ids(rng, below, *shape)
        assert_close(learner.run(answer, weight.to(device), idx.to(device)), scores(weight, idx))


def test_any_shape(learner, rng, device):
    """Two and three dimensions, with sizes of 1 among them, none, and no ids at all."""
    for num, dim, shape in (
        (7, 4, (3, 5)),
        (6, 5, (2, 3, 4)),
        (7, 5, (2, 1, 3)),
        (8, 3, (1, 2)),
        (6, 4, ()),
        (5, 4, (3, 0)),
    ):
        weight, idx = table(rng, num, dim), ids(rng, num, *shape)
        assert_close(learner.run(answer, weight.to(device), idx.to(device)), scores(weight, idx))


def parameters(learner, num, dim) -> list:
    """Built TiedModel(num, dim) and asked it for its parameters: shape, trained or not."""
    model = learner.TiedModel(num, dim)
    return [(tuple(each.shape), each.requires_grad) for each in model.parameters()]


def identity(learner, num, dim) -> bool:
    """Built TiedModel(num, dim) and asked whether projection.weight is embedding.weight."""
    model = learner.TiedModel(num, dim)
    return model.projection.weight is model.embedding.weight


def read_the_other(learner, weight) -> tuple[torch.Tensor, torch.Tensor]:
    """Built TiedModel(*weight.shape) and copied weight into embedding.weight; projection.weight was read.

    Then negated weight was copied into projection.weight, and embedding.weight was read.
    """
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weight.shape)
    with torch.no_grad():
        model.embedding.weight.copy_(weight)
        first = model.projection.weight.detach().clone()
        model.projection.weight.copy_(-weight)
        return first, model.embedding.weight.detach().clone()


def test_one_parameter(learner, rng):
    """One is listed, it is the same object in both places, and what is written to either is in both."""
    for num, dim in ((7, 3), (4, 6)):
        assert_equal(learner.run(parameters, num, dim), [((num, dim), True)], "the parameters")
        assert_equal(learner.run(identity, num, dim), True, "whether both are the same Parameter")
        weight = table(rng, num, dim)
        first, second = learner.run(read_the_other, weight)
        assert_equal(first, weight, "after a change of embedding.weight, projection.weight")
        assert_equal(second, -weight, "after a change of projection.weight, embedding.weight")


def gradient(learner, weight, idx, cotangent):
    """Built TiedModel(*weight.shape), copied weight into it, called it on idx, and went backward.

    The gradient of the scores was cotangent. Returns the gradient of embedding.weight.
    """
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weight.shape).to(idx.device)
    with torch.no_grad():
        model.projection.weight.copy_(weight)
        model.embedding.weight.copy_(weight)
    (model(idx) * cotangent).sum().backward()
    return model.embedding.weight.grad


def test_gradient(learner, rng, device):
    """By hand: each use's share, and their sum. Repeated ids, ids left out, the first and the last among them."""
    for num, dim, below, shape in ((7, 4, 5, (6,)), (5, 3, 5, (2, 4)), (8, 4, 3, (5,))):
        weight, idx = table(rng, num, dim), ids(rng, below, *shape)
        cotangent = torch.randn(*shape, num, generator=rng)
        flat, pull = idx.flatten(), cotangent.double().reshape(-1, num)
        of_projection = pull.T @ weight.double()[flat]
        of_lookup = torch.zeros(num, dim, dtype=torch.float64).index_add(0, flat, pull @ weight.double())
        found = learner.run(gradient, weight.to(device), idx.to(device), cotangent.to(device))
        assert_close(found, (of_projection + of_lookup).float(), "the gradient of the weight")


def train(learner, weight, batches, lr) -> tuple[torch.Tensor, torch.Tensor]:
    """Built TiedModel(*weight.shape), copied weight into it, and trained all of its parameters with SGD.

    One step of rate lr on the cross entropy of each pair of ids and right answers. Returns both weights.
    """
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weight.shape).to(weight.device)
    with torch.no_grad():
        model.projection.weight.copy_(weight)
        model.embedding.weight.copy_(weight)
    for idx, following in batches:
        model.zero_grad()
        nn.functional.cross_entropy(model(idx), following).backward()
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.grad is not None:
                    parameter -= lr * parameter.grad
    return model.embedding.weight.detach(), model.projection.weight.detach()


def trained(weight, batches, lr):
    """The same with one tensor that is used twice."""
    weight = weight.clone()
    for idx, following in batches:
        leaf = weight.requires_grad_()
        loss = F.cross_entropy(F.embedding(idx, leaf) @ leaf.T, following)
        (step,) = torch.autograd.grad(loss, leaf)
        weight = (leaf - lr * step).detach()
    return weight


def test_training(learner, rng, device):
    """Several steps from ids to the ids that follow them."""
    for num, dim, count in ((7, 3, 5), (5, 4, 8)):
        weight, lr = table(rng, num, dim), 0.5 + float(torch.rand((), generator=rng))
        batches = [(ids(rng, num, count), ids(rng, num, count)) for _ in range(3)]
        expected = trained(weight, batches, lr)
        sent = [(idx.to(device), following.to(device)) for idx, following in batches]
        embedding, projection = learner.run(train, weight.to(device), sent, lr)
        assert_close(embedding, expected, "embedding.weight after training")
        assert_close(projection, expected, "projection.weight after training")


def whether_tied(learner, weight, idx) -> dict:
    """Built TiedModel(*weight.shape) and asked, after each of these, whether both weights are one Parameter."""
    import copy  # noqa: PLC0415 - a probe brings along what it needs

    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weight.shape)
    found = {}
    for name, change in {
        "to float64": lambda: model.to(torch.float64),
        "load_state_dict": lambda: model.load_state_dict({"embedding.weight": weight, "projection.weight": weight}),
        "a backward pass": lambda: model(idx).sum().backward(),
        "zero_grad": lambda: model.zero_grad(),
        "eval": lambda: model.eval(),
    }.items():
        change()
        found[name] = model.projection.weight is model.embedding.weight
    copied = copy.deepcopy(model)
    found["deepcopy"] = copied.projection.weight is copied.embedding.weight
    return found


def converted(learner, weight, idx) -> torch.Tensor:
    """Built TiedModel(*weight.shape), converted it with .to(weight.dtype), copied weight into both of its layers.

    Then called the model on idx.
    """
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weight.shape).to(weight.dtype).to(idx.device)
    with torch.no_grad():
        model.projection.weight.copy_(weight)
        model.embedding.weight.copy_(weight)
    return model(idx).detach()


def test_stays_tied(learner, rng, device):
    """After whatever is done to a model in its life, in float64 to all its digits."""
    weight, idx = table(rng, 7, 4, torch.float64), ids(rng, 5, 2, 3)
    assert_close(learner.run(converted, weight.to(device), idx.to(device)), scores(weight, idx))
    names = ("to float64", "load_state_dict", "a backward pass", "zero_grad", "eval", "deepcopy")
    found = learner.run(whether_tied, weight, idx)
    assert_equal(found, dict.fromkeys(names, True), "whether both are the same Parameter after it")


def saved(learner, weight) -> dict:
    """Built TiedModel(*weight.shape), copied weight into embedding.weight, and called state_dict()."""
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weight.shape)
    with torch.no_grad():
        model.embedding.weight.copy_(weight)
    return dict(model.state_dict())


def loaded(learner, state, idx) -> torch.Tensor:
    """Built a TiedModel of these sizes, called load_state_dict(state), and called the model on idx."""
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*state["embedding.weight"].shape)
    model.load_state_dict(state)
    return model.to(idx.device)(idx).detach()


def test_state_dict(learner, rng, device):
    """Both names are in it, with the same numbers, and it can be loaded."""
    for num, dim in ((7, 3), (4, 6)):
        weight, idx = table(rng, num, dim), ids(rng, num, 2, 5)
        state = {"embedding.weight": weight, "projection.weight": weight}
        assert_equal(learner.run(saved, weight), state, "the state_dict()")
        assert_close(learner.run(loaded, state, idx.to(device)), scores(weight, idx))
