"""Grading a class: planning, running, demo classes, a cluster."""
