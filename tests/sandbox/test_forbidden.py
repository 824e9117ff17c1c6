"""What a guard refuses, that it allows everything again, and which names it cannot refuse."""

import _thread
import threading
import types

import pytest
import torch
from torch import nn
from torch._decomp import decomposition_table
from torch.nn import functional

from grader.sandbox.forbidden import ForbiddenUse, Guard, problem_of

WEIGHT = torch.arange(6.0).reshape(3, 2)
IDX = torch.tensor([2, 0])
EMBEDDING = torch.ops.aten.embedding


def look_up_in_subclass():
    """Call the inherited ``forward`` of a class whose own ``__init__`` calls no other."""

    class Table(nn.Embedding):
        def __init__(self):
            nn.Module.__init__(self)
            self.weight = nn.Parameter(WEIGHT)
            self.padding_idx = self.max_norm = None
            self.norm_type, self.scale_grad_by_freq, self.sparse = 2.0, False, False

    return Table()(IDX)


def redispatch(key):
    """Call the kernel of the embedding for one dispatch key."""
    keys = torch._C.DispatchKeySet(getattr(torch._C.DispatchKey, key))
    return EMBEDDING.default.redispatch(keys, WEIGHT, IDX, -1, False, False)


def engine():
    """Call a method of autograd's engine, an object in C++."""
    return torch.autograd.Variable._execution_engine.is_checkpoint_valid()


CLASS = "torch.nn.Embedding"
FUNCTION = "torch.nn.functional.embedding"
OPERATOR = "aten::embedding"
ENGINE = "torch.autograd.Variable._execution_engine"
USES = {
    "a new object": (CLASS, lambda: nn.Embedding(3, 2)),
    "a class method": (CLASS, lambda: nn.Embedding.from_pretrained(WEIGHT)),
    "a subclass": (CLASS, look_up_in_subclass),
    "a function": (FUNCTION, lambda: functional.embedding(IDX, WEIGHT)),
    "a function that was kept": (FUNCTION, lambda kept=functional.embedding: kept(IDX, WEIGHT)),
    "its code": (
        FUNCTION,
        lambda: types.FunctionType(
            functional.embedding.__code__,
            vars(functional),
            argdefs=functional.embedding.__defaults__,
        )(IDX, WEIGHT),
    ),
    "a function in C": ("torch.embedding", lambda: torch.embedding(WEIGHT, IDX)),
    "a method in C": ("torch.Tensor.take", lambda: WEIGHT.take(IDX)),
    "a property": ("torch.Tensor.grad_fn", lambda: WEIGHT.grad_fn),
    "an object": (ENGINE, engine),
    "a module": ("torch.linalg", lambda: torch.linalg.norm(WEIGHT)),
    "an operator": (OPERATOR, lambda: EMBEDDING(WEIGHT, IDX)),
    "its overload": (OPERATOR, lambda: EMBEDDING.out(WEIGHT, IDX, out=torch.empty(2, 2))),
    "its kernel for the CPU": (OPERATOR, lambda: redispatch("CPU")),
    "its composite kernel": (OPERATOR, lambda: redispatch("CompositeExplicitAutograd")),
    "its decomposition": (
        OPERATOR,
        lambda: decomposition_table[EMBEDDING.default](WEIGHT, IDX),
    ),
    "a recorded gradient": ("torch.autograd", lambda: torch.enable_grad().__enter__()),
    "inference mode off": (
        "torch.autograd",
        lambda: torch.inference_mode(mode=False).__enter__(),
    ),
}


@pytest.mark.parametrize("use", USES)
def test_use_is_refused(use):
    """A use raises and is remembered once; after ``lift``, it works again."""
    name, call = USES[use]
    guard = Guard([name], "/home")
    try:
        with pytest.raises(ForbiddenUse):
            call()
        found = guard.take_use()
        assert guard.take_use() is None
    finally:
        guard.lift()

    assert found is not None
    assert found[0].startswith(name)
    call()
    torch._C._set_grad_enabled(True)
    assert guard.take_use() is None


def test_no_gradient_is_recorded():
    """Without ``torch.autograd``, no gradients are recorded; turning them off is no use."""
    guard = Guard(["torch.autograd"], "/home")
    try:
        with torch.no_grad(), torch.inference_mode():
            pass
        doubled = torch.ones(1, requires_grad=True) * 2
    finally:
        guard.lift()

    assert not doubled.requires_grad
    assert guard.take_use() is None
    assert torch.is_grad_enabled()


def with_threading(task):
    thread = threading.Thread(target=task)
    thread.start()
    thread.join()


def directly(task):
    done = threading.Event()
    _thread.start_new_thread(lambda: (task(), done.set()), ())
    assert done.wait(10)


def by_its_old_name(task):
    done = threading.Event()
    _thread.start_new(lambda: (task(), done.set()), ())
    assert done.wait(10)


@pytest.mark.parametrize("start", [with_threading, directly, by_its_old_name])
def test_no_gradient_is_recorded_in_a_thread(start):
    """A new thread records no gradients either, in each version of Python."""
    recorded = []
    guard = Guard(["torch.autograd"], "/home")
    try:
        start(lambda: recorded.append((torch.ones(1, requires_grad=True) * 2).requires_grad))
    finally:
        guard.lift()
    assert recorded == [False]


def leave_off():
    """Switch the recording of gradients off."""
    torch.set_grad_enabled(False)


def by_hand():
    """Switch the recording off and back."""
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    torch.set_grad_enabled(before)


def in_blocks():
    """Use context managers, also one inside another."""
    with torch.no_grad(), torch.set_grad_enabled(False), torch.inference_mode():
        pass


def decorated():
    """Call functions with a decorator."""
    torch.no_grad()(by_hand)()
    torch.set_grad_enabled(False)(by_hand)()


@pytest.mark.parametrize(
    ("call", "is_odd"),
    [(leave_off, True), (by_hand, False), (in_blocks, False), (decorated, False)],
)
def test_recording_left_off(call, is_odd):
    """Where no gradients are recorded anyway, the guard still sees who leaves the recording off."""
    guard = Guard(["torch.autograd"], "/home")
    try:
        call()
        assert guard.take_odd_switches() is is_odd
        assert not guard.take_odd_switches()
    finally:
        guard.lift()


def test_line_of_a_use():
    """A use comes with the lines of the submission's files, also from a thread of a pool."""
    source = (
        "import torch\nfrom concurrent.futures import ThreadPoolExecutor\n"
        "def f():\n    torch.embedding(0, 0)\n"
        "def g():\n    with ThreadPoolExecutor() as pool:\n"
        "        pool.submit(torch.embedding, 0, 0).result()\n"
    )
    namespace = {}
    exec(compile(source, "/home/mine.py", "exec"), namespace)
    guard = Guard(["torch.embedding"], "/home")
    try:
        for function, line in (("f", 4), ("g", 7)):
            with pytest.raises(ForbiddenUse):
                namespace[function]()
            _, frames = guard.take_use()
            assert [(frame.file, frame.function) for frame in frames] == [("mine.py", function)]
            assert frames[0].line in (line, line - 1)
    finally:
        guard.lift()


def test_torch_reads_a_refused_property():
    """Printing a tensor reads its ``grad_fn``, which is no use."""
    guard = Guard(["torch.Tensor.grad_fn"], "/home")
    try:
        text = repr(torch.ones(1, requires_grad=True) * 2)
    finally:
        guard.lift()

    assert "MulBackward0" in text
    assert guard.take_use() is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("torch.embedding", None),
        ("torch.Tensor.grad_fn", None),
        ("torch.nn.modules.sparse.Embedding", None),
        ("torch.linalg", None),
        ("torch.autograd", None),
        ("aten::embedding", None),
        ("aten::add", None),
        ("aten::add.Tensor", None),
        ("torch.embeding", "does not exist"),
        ("torch.no.embedding", "does not exist"),
        ("torch.embedding.no", "does not exist"),
        ("aten::embeding", "does not exist"),
        ("aten::add.Tensors", "does not exist"),
        ("torch.device", "is a built-in type, whose use the grader cannot refuse"),
        ("torch.float64", "is a value, whose use the grader cannot refuse"),
    ],
)
def test_names_that_can_be_forbidden(name, reason):
    """A name that torch lacks, or that the grader cannot refuse, has a reason."""
    assert problem_of(name) == reason


def test_everything_is_put_back():
    """``lift`` restores the objects themselves, also of names that are listed in two ways."""
    names = [CLASS, FUNCTION, "torch.nn.functional", "torch.embedding", OPERATOR, "aten::add"]
    before = [vars(nn.Embedding).copy(), vars(functional).copy(), vars(torch).copy()]
    code = functional.embedding.__code__
    guard = Guard([*names, ENGINE], "/home")
    guard.lift()
    assert [vars(nn.Embedding).copy(), vars(functional).copy(), vars(torch).copy()] == before
    assert functional.embedding.__code__ is code
    assert "engine" in type(torch.autograd.Variable._execution_engine).__name__.lower()
    assert torch.equal(functional.embedding(IDX, WEIGHT + WEIGHT), 2 * WEIGHT[IDX])
