"""Grades in the forms people and programs want."""
