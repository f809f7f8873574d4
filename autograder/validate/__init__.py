"""For students: does my notebook pass what I can see, and is anything missing, before I hand it in?"""

from autograder.validate.command import validate_and_show
from autograder.validate.record import CellReport, NotebookReport, State
from autograder.validate.validate import CELL_SECONDS, validate

__all__ = ["CELL_SECONDS", "CellReport", "NotebookReport", "State", "validate", "validate_and_show"]
