"""Proving a course: that its solutions pass, and that nothing wrong does."""
