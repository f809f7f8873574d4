"""The language checks are written in; a lab's `checks.py` imports everything from here."""

from autograder.checks.declare import Check, check, load_checks
from autograder.checks.student import Handle, Model, Student
from autograder.errors import Failure

__all__ = ["Check", "Failure", "Handle", "Model", "Student", "check", "load_checks"]
