"""Generated from course/quizzes/exam_theory.toml by `autograder build`: change that, not this file."""

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
question_11 = KEY.check(11)
question_12 = KEY.check(12)
question_13 = KEY.check(13)
question_14 = KEY.check(14)
question_15 = KEY.check(15)
question_16 = KEY.check(16)
question_17 = KEY.check(17)
question_18 = KEY.check(18)
question_19 = KEY.check(19)
question_20 = KEY.check(20)
