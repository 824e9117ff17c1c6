"""Prove a course: its checks accept its solutions and reject mistakes."""
