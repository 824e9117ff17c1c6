"""Grade a class on a Dask cluster instead of the examiners of this machine.

Dask schedules and retries, and replaces lost workers. These modules add what Dask cannot know:
which workers give the same grades as this machine (``fitness``, ``admission``), the course
that workers need (``worker``), and how many submissions to have in flight (``client``).
"""
