"""Quizzes: from `course/quizzes/<id>.toml` to a lab; whose questions are whose; answers judged by their meaning."""

from autograder.quizzes.assembly import Quiz, assemble
from autograder.quizzes.build import QuizFiles, computed_for, quiz_lab, quizzes_of
from autograder.quizzes.checks import QuizChecks
from autograder.quizzes.judging import Judgement, judge
from autograder.quizzes.key import AnswerKey, Entry, is_quiz, read_key
from autograder.quizzes.proof import problems_of, right_answers, wrong_answers
from autograder.quizzes.reading import quiz_files, read_quiz
from autograder.quizzes.records import KINDS, Option, Pool, QuizFile
from autograder.quizzes.table import Drawing, write_table

__all__ = [
    "KINDS",
    "AnswerKey",
    "Drawing",
    "Entry",
    "Judgement",
    "Option",
    "Pool",
    "Quiz",
    "QuizChecks",
    "QuizFile",
    "QuizFiles",
    "assemble",
    "computed_for",
    "is_quiz",
    "judge",
    "problems_of",
    "quiz_files",
    "quiz_lab",
    "quizzes_of",
    "read_key",
    "read_quiz",
    "right_answers",
    "write_table",
    "wrong_answers",
]
