"""The trusted side: it holds the hidden checks, the reference and the verdict."""
