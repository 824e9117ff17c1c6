"""Adapters to libraries that train and evaluate language models. Each needs its own extra."""
