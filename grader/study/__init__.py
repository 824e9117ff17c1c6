"""Self-study: a workspace, progress, hints, watching files, notebooks."""
