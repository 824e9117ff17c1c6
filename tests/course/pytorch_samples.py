"""Run PyTorch's own sample inputs through solutions and misconceptions.

``python -m tests.course.pytorch_samples`` prints a JSON object. PyTorch's modules for internal
tests change settings of the whole process, so this runs in its own. It runs trusted code only.
"""

import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch.nn import functional
from torch.testing._internal.common_methods_invocations import op_db

from grader.course.loading import load_exercise, wrong_solutions
from grader.course.location import default_root
from grader.examiner.compare import difference
from grader.examiner.probes import reference_vjp
from grader.sandbox.probes import vjp

Answer = Callable[[Any], Any]
"""Maps a module to its result for a sample, with the gradients if there are any."""


class Skipped(Exception):  # noqa: N818 - no error: the exercise does not have that option
    """A sample with an option that the exercise does not have."""


def only(sample: Any, *options: str) -> None:
    """Skip a sample that sets another option than ``options``."""
    beyond = [
        name for name, value in sample.kwargs.items() if name not in options and value is not None
    ]
    if beyond:
        raise Skipped(", ".join(beyond))


def compared(entry: str, arguments: list[Any], reference: Callable[..., Any]) -> tuple[Answer, Any]:
    """Call ``entry`` and the reference, and send the same random gradient back through both."""
    arguments = [leaf(value) for value in arguments]
    cotangent = torch.randn_like(reference(*arguments))
    expected = reference_vjp(reference, *fresh(arguments), cotangent=cotangent)
    return lambda module: vjp(module, entry, fresh(arguments), cotangent), expected


def leaf(value: Any) -> Any:
    """A tensor of floats that requires a gradient; any other value as it is."""
    return (
        value.detach().requires_grad_()
        if isinstance(value, torch.Tensor) and value.is_floating_point()
        else value
    )


def fresh(arguments: list[Any]) -> list[Any]:
    """Copies, so that an in-place change does not reach the next caller."""
    return [
        value.detach().clone().requires_grad_(value.requires_grad)
        if isinstance(value, torch.Tensor)
        else value
        for value in arguments
    ]


def lookup(entry: str, sample: Any) -> tuple[Answer, Any]:
    """``entry(weight, idx)``."""
    only(sample)
    return compared(
        entry, [sample.input, *sample.args], lambda weight, idx: functional.embedding(idx, weight)
    )


def linear(sample: Any) -> tuple[Answer, Any]:
    """``linear(x, weight, bias)``, with as many arguments as the sample has."""
    only(sample)
    return compared("linear", [sample.input, *sample.args], functional.linear)


def lookup_backward(sample: Any) -> tuple[Answer, Any]:
    """``lookup_backward(grad_output, idx, num_embeddings, padding_idx)``: the weight's gradient."""
    only(sample, "padding_idx")
    padding, (idx,) = sample.kwargs.get("padding_idx"), sample.args
    if padding is not None and padding < 0:
        padding += len(
            sample.input
        )  # counted from the end: a convenience of the layer, not of its gradient
    weight = leaf(sample.input)
    grad_output = torch.randn_like(functional.embedding(idx, weight).detach())
    _, (expected, _) = reference_vjp(
        lambda w, i: functional.embedding(i, w, padding), weight, idx, cotangent=grad_output
    )
    return lambda module: module.lookup_backward(
        grad_output.clone(), idx.clone(), len(weight), padding
    ), expected


def layer(sample: Any) -> tuple[Answer, Any]:
    """``Embedding(num, dim, padding_idx)`` with the sample's weight, and its gradient."""
    only(sample, "padding_idx")
    padding, (idx,) = sample.kwargs.get("padding_idx"), sample.args
    weight = leaf(sample.input)
    cotangent = torch.randn_like(functional.embedding(idx, weight).detach())
    expected = reference_vjp(
        lambda w, i: functional.embedding(i, w, padding), weight, idx, cotangent=cotangent
    )

    def answer(module: Any) -> Any:
        built = module.Embedding(*weight.shape, padding_idx=padding).to(weight.dtype)
        built.load_state_dict({"weight": weight.detach().clone()})
        called = SimpleNamespace(forward=lambda _, idx: built(idx))
        return vjp(called, "forward", [built.weight, idx.clone()], cotangent)

    return answer, expected


def embedding_bag(sample: Any) -> tuple[Answer, Any]:
    """``embedding_bag(weight, idx, offsets, mode)``; each row of a matrix of ids is a bag."""
    only(sample, "offsets", "mode", "include_last_offset")
    (idx,), offsets = sample.args, sample.kwargs.get("offsets")
    if offsets is None:
        offsets, idx = torch.arange(len(idx)) * idx.shape[1], idx.flatten()
    elif sample.kwargs.get("include_last_offset"):
        offsets = offsets[:-1]
    arguments = [sample.input, idx, offsets, sample.kwargs["mode"]]

    def reference(weight: Any, idx: Any, offsets: Any, mode: str) -> Any:
        return functional.embedding_bag(idx, weight, offsets, mode=mode)

    return compared("embedding_bag", arguments, reference)


APPLIES: dict[str, tuple[str, Callable[[Any], tuple[Answer, Any]]]] = {
    "exercise1": ("nn.functional.embedding", lambda sample: lookup("lookup", sample)),
    "exercise4": ("nn.functional.linear", linear),
    "exercise5": ("nn.functional.embedding", lambda sample: lookup("one_hot_lookup", sample)),
    "exercise6": ("nn.functional.embedding", lookup_backward),
    "exercise7": ("nn.functional.embedding", layer),
    "exercise11": ("nn.functional.embedding_bag", embedding_bag),
}


def samples(operator: str) -> Iterator[Any]:
    """The sample inputs of an operator in two dtypes."""
    (info,) = [info for info in op_db if info.name == operator]
    for dtype in (torch.float32, torch.float64):
        yield from info.sample_inputs("cpu", dtype, requires_grad=False)


def load(path: Path) -> Any:
    """Import a file of the course."""
    spec = importlib.util.spec_from_file_location(f"module_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def parts(answer: Answer, expected: Any, module: Any) -> str | None:
    """How ``module`` differs from PyTorch on one sample, or None."""
    try:
        return difference(answer(module), expected, exact=False)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def measure(exercise_id: str) -> dict[str, Any]:
    """Count the samples, and list the errors of the solution and the misconceptions caught."""
    torch.manual_seed(0)
    operator, adapt = APPLIES[exercise_id]
    cases, skipped = [], Counter()
    for sample in samples(operator):
        try:
            cases.append(adapt(sample))
        except Skipped as option:
            skipped[str(option)] += 1
    exercise = load_exercise(default_root(), exercise_id)
    solution = load(exercise.hidden / "solution.py")
    caught = {}
    for name, path in wrong_solutions(exercise).items():
        module = load(path)
        caught[name] = any(parts(*case, module) for case in cases)
    return {
        "used": len(cases),
        "skipped": skipped,
        "solution": [found for case in cases if (found := parts(*case, solution))],
        "caught": caught,
    }


if __name__ == "__main__":
    json.dump({exercise_id: measure(exercise_id) for exercise_id in APPLIES}, sys.stdout, indent=1)
