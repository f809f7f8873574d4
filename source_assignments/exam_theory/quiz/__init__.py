"""What lies beside a quiz's notebook: it shows a student their questions and says how an answer is read.

This folder is copied as it is to where students work, as `quiz/`: it imports nothing but the standard library (and
IPython, where there is one). The grader reads answers with the same code.
"""

from .drawing import ticket
from .sheet import Sheet
from .spelling import NotUnderstood, Reading, Unanswered, read

__all__ = ["NotUnderstood", "Reading", "Sheet", "Unanswered", "read", "ticket"]
