"""Draw random numbers from all sources."""

import os
import random
import secrets
import uuid

import torch

(
    random.random(),
    secrets.token_hex(),
    os.urandom(8),
    uuid.uuid4(),
    torch.rand(3),
    random.SystemRandom().random(),
)


def double(x):
    return x * 2
