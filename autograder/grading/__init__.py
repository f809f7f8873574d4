"""Grading: submissions in, scores out; nbgrader before and after."""
