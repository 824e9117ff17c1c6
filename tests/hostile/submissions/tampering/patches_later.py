"""Patch everything from a thread, a little later."""
# ends as: failed|crashed|raised

import threading
import time

import torch


def later():
    time.sleep(0.05)
    torch.equal = lambda *_: True
    torch.Tensor.__eq__ = lambda *_: True


threading.Thread(target=later, daemon=True).start()


def double(x):
    return x
