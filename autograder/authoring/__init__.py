"""From a lab's one source, `lab.py`, to the notebook nbgrader knows and the release students get."""

from autograder.authoring.build import Built, Change, build, list_labs
from autograder.authoring.lab import Cell, CellKind, Lab
from autograder.authoring.leaks import Leak, scan_release
from autograder.authoring.new_course import LAB, QUIZ, new_course
from autograder.authoring.new_lab import new_lab
from autograder.authoring.notebook import build_notebook
from autograder.authoring.quizzes import build_quizzes
from autograder.authoring.reading import read_lab
from autograder.authoring.release import Released, rehearse, release, search_release
from autograder.authoring.syllabus import build_syllabus, has_syllabus

__all__ = [
    "LAB",
    "QUIZ",
    "Built",
    "Cell",
    "CellKind",
    "Change",
    "Lab",
    "Leak",
    "Released",
    "build",
    "build_notebook",
    "build_quizzes",
    "build_syllabus",
    "has_syllabus",
    "list_labs",
    "new_course",
    "new_lab",
    "read_lab",
    "rehearse",
    "release",
    "scan_release",
    "search_release",
]
