"""Interrupt the main thread after a time, on a system without timers that send signals."""

import contextlib
import ctypes
import threading
import time
from collections.abc import Callable, Iterator

_TICK = 0.02


@contextlib.contextmanager
def interrupting(
    seconds: float, again: float, error: Callable[[], BaseException], *, is_cpu: bool
) -> Iterator[None]:
    """Do what ``System.interrupting`` does, between two bytecodes of the body.

    A call of C code, such as a long sleep, first has to return.
    """
    clock = time.process_time if is_cpu else time.monotonic
    target = threading.get_ident()
    is_on = True
    # Taken while the exception is sent, so that none is sent after the body.
    lock = threading.Lock()

    def watch() -> None:
        until = clock() + max(seconds, again)
        while is_on:
            time.sleep(_TICK)
            if clock() < until:
                continue

            with lock:
                if is_on:
                    _raise_in(target, error())

            until = clock() + again

    thread = threading.Thread(target=watch, daemon=True)
    try:
        thread.start()
        yield
    finally:
        # First, because Python may raise the exception after each of the calls below.
        is_on = False
        with lock:
            pass


def _raise_in(thread: int, error: BaseException) -> None:
    # Python accepts only a class here, so this one has the message.
    kind = type(error)
    message = str(error)
    carrier = type(kind.__name__, (kind,), {"__str__": lambda _: message})
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(carrier))
