"""Generated from course/quizzes/quiz_1.toml by `autograder build`: change that, not this file."""

from pathlib import Path

from autograder.quizzes import QuizChecks

KEY = QuizChecks.read(Path(__file__).parent / "data" / "quiz-key.json")
question_1 = KEY.check(1)
question_2 = KEY.check(2)
question_3 = KEY.check(3)
question_4 = KEY.check(4)
question_5 = KEY.check(5)
question_6 = KEY.check(6)
question_7 = KEY.check(7)
question_8 = KEY.check(8)
question_9 = KEY.check(9)
question_10 = KEY.check(10)
