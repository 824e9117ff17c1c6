import torch
from grader.examiner.compare import assert_equal, assert_close
from grader.examiner.probes import reference_vjp

def test_vector(learner, rng):
    weight = torch.randn(7, 3, generator=rng)
    idx = torch.randint(3, (5,), generator=rng)
    assert_equal(learner.lookup(weight, idx), weight[idx])

def test_grads(learner, rng):
    weight = torch.randn(7, 3, generator=rng, requires_grad=True)
    idx = torch.randint(3, (5,), generator=rng)
    cot = torch.randn(5, 3, generator=rng)
    out, (g, _) = learner.vjp("lookup", weight, idx, cotangent=cot)
    out, (e, _) = reference_vjp(lambda w, i: w[i], weight, idx, cotangent=cot)
    assert_close(g, e, "the gradient")
