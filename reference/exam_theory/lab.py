"""Generated from course/quizzes/exam_theory.toml by `autograder build`: change that, not this file."""

# %% [markdown] text="title"
# # Final exam: theory
#
# Twenty questions on the whole term, three points each, in 90 minutes. Numbers and some of the questions are your own.
#
# 1. Write your student id in the next cell, and run the notebook from the top (*Run*, *Run All Cells*): your questions
#    appear. They are drawn for you; others have other numbers.
# 2. Write each answer in place of the dots, as the line below its question says, and run the notebook again. The last
#    cell of each question tells how your answer is read. Whether it is right stays open until the quiz is over.
# 3. Look out for *not understood*: such an answer earns nothing as it stands.

# %% solution="student-id"
student_id = ...  # your student id between quotes, as in "ada"
# BEGIN SOLUTION
student_id = "instructor"
# END SOLUTION

# %% text="sheet"
from quiz import Sheet

sheet = Sheet.open(student_id)
sheet

# %% text="show-1"
sheet.show(1)

# %% solution="answer-1"
answer_1 = ...
# BEGIN SOLUTION
answer_1 = 80
# END SOLUTION

# %% tests="question-1" points=3
sheet.check(1, answer_1)

# %% text="show-2"
sheet.show(2)

# %% solution="answer-2"
answer_2 = ...
# BEGIN SOLUTION
answer_2 = 2.995732273553991
# END SOLUTION

# %% tests="question-2" points=3
sheet.check(2, answer_2)

# %% text="show-3"
sheet.show(3)

# %% solution="answer-3"
answer_3 = ...
# BEGIN SOLUTION
answer_3 = 64
# END SOLUTION

# %% tests="question-3" points=3
sheet.check(3, answer_3)

# %% text="show-4"
sheet.show(4)

# %% solution="answer-4"
answer_4 = ...
# BEGIN SOLUTION
answer_4 = "a"
# END SOLUTION

# %% tests="question-4" points=3
sheet.check(4, answer_4)

# %% text="show-5"
sheet.show(5)

# %% solution="answer-5"
answer_5 = ...
# BEGIN SOLUTION
answer_5 = "a, c, e, f"
# END SOLUTION

# %% tests="question-5" points=3
sheet.check(5, answer_5)

# %% text="show-6"
sheet.show(6)

# %% solution="answer-6"
answer_6 = ...
# BEGIN SOLUTION
answer_6 = 1034
# END SOLUTION

# %% tests="question-6" points=3
sheet.check(6, answer_6)

# %% text="show-7"
sheet.show(7)

# %% solution="answer-7"
answer_7 = ...
# BEGIN SOLUTION
answer_7 = (None, 7, 7, 32)
# END SOLUTION

# %% tests="question-7" points=3
sheet.check(7, answer_7)

# %% text="show-8"
sheet.show(8)

# %% solution="answer-8"
answer_8 = ...
# BEGIN SOLUTION
answer_8 = 8.408759124087592
# END SOLUTION

# %% tests="question-8" points=3
sheet.check(8, answer_8)

# %% text="show-9"
sheet.show(9)

# %% solution="answer-9"
answer_9 = ...
# BEGIN SOLUTION
answer_9 = "d, c, a, f, e, b"
# END SOLUTION

# %% tests="question-9" points=3
sheet.check(9, answer_9)

# %% text="show-10"
sheet.show(10)

# %% solution="answer-10"
answer_10 = ...
# BEGIN SOLUTION
answer_10 = 0.8181818181818182
# END SOLUTION

# %% tests="question-10" points=3
sheet.check(10, answer_10)

# %% text="show-11"
sheet.show(11)

# %% solution="answer-11"
answer_11 = ...
# BEGIN SOLUTION
answer_11 = (None, 32, 32, 1)
# END SOLUTION

# %% tests="question-11" points=3
sheet.check(11, answer_11)

# %% text="show-12"
sheet.show(12)

# %% solution="answer-12"
answer_12 = ...
# BEGIN SOLUTION
answer_12 = 592
# END SOLUTION

# %% tests="question-12" points=3
sheet.check(12, answer_12)

# %% text="show-13"
sheet.show(13)

# %% solution="answer-13"
answer_13 = ...
# BEGIN SOLUTION
answer_13 = (None, 8)
# END SOLUTION

# %% tests="question-13" points=3
sheet.check(13, answer_13)

# %% text="show-14"
sheet.show(14)

# %% solution="answer-14"
answer_14 = ...
# BEGIN SOLUTION
answer_14 = "10.0"
# END SOLUTION

# %% tests="question-14" points=3
sheet.check(14, answer_14)

# %% text="show-15"
sheet.show(15)

# %% solution="answer-15"
answer_15 = ...
# BEGIN SOLUTION
answer_15 = "d"
# END SOLUTION

# %% tests="question-15" points=3
sheet.check(15, answer_15)

# %% text="show-16"
sheet.show(16)

# %% solution="answer-16"
answer_16 = ...
# BEGIN SOLUTION
answer_16 = 69.23076923076923
# END SOLUTION

# %% tests="question-16" points=3
sheet.check(16, answer_16)

# %% text="show-17"
sheet.show(17)

# %% solution="answer-17"
answer_17 = ...
# BEGIN SOLUTION
answer_17 = 0.30000000000000004
# END SOLUTION

# %% tests="question-17" points=3
sheet.check(17, answer_17)

# %% text="show-18"
sheet.show(18)

# %% solution="answer-18"
answer_18 = ...
# BEGIN SOLUTION
answer_18 = "c"
# END SOLUTION

# %% tests="question-18" points=3
sheet.check(18, answer_18)

# %% text="show-19"
sheet.show(19)

# %% solution="answer-19"
answer_19 = ...
# BEGIN SOLUTION
answer_19 = 4484
# END SOLUTION

# %% tests="question-19" points=3
sheet.check(19, answer_19)

# %% text="show-20"
sheet.show(20)

# %% solution="answer-20"
answer_20 = ...
# BEGIN SOLUTION
answer_20 = "mode collapse"
# END SOLUTION

# %% tests="question-20" points=3
sheet.check(20, answer_20)
