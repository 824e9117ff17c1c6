"""A Dask cluster in place of the pool: the same work, carried out by warm examiners on other machines.

Dask has the scheduling, the retries, and what happens where a worker is lost. What
stands here is what it cannot know: which workers grade as this machine would, the
course that they need, and how much to have in flight.
"""
