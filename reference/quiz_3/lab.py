"""Generated from course/quizzes/quiz_3.toml by `autograder build`: change that, not this file."""

# %% [markdown] text="title"
# # Quiz 3: where things are, and what comes next
#
# Ten questions on weeks 7 to 9, two points each: detection, segmentation, and recurrent networks.
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
answer_1 = 0.42857142857142855
# END SOLUTION

# %% tests="question-1" points=2
sheet.check(1, answer_1)

# %% text="show-2"
sheet.show(2)

# %% solution="answer-2"
answer_2 = ...
# BEGIN SOLUTION
answer_2 = "d, c, b, a"
# END SOLUTION

# %% tests="question-2" points=2
sheet.check(2, answer_2)

# %% text="show-3"
sheet.show(3)

# %% solution="answer-3"
answer_3 = ...
# BEGIN SOLUTION
answer_3 = (None, 56, 56, 5)
# END SOLUTION

# %% tests="question-3" points=2
sheet.check(3, answer_3)

# %% text="show-4"
sheet.show(4)

# %% solution="answer-4"
answer_4 = ...
# BEGIN SOLUTION
answer_4 = 9.313225746154785e-10
# END SOLUTION

# %% tests="question-4" points=2
sheet.check(4, answer_4)

# %% text="show-5"
sheet.show(5)

# %% solution="answer-5"
answer_5 = ...
# BEGIN SOLUTION
answer_5 = 320
# END SOLUTION

# %% tests="question-5" points=2
sheet.check(5, answer_5)

# %% text="show-6"
sheet.show(6)

# %% solution="answer-6"
answer_6 = ...
# BEGIN SOLUTION
answer_6 = (None, 20, 64)
# END SOLUTION

# %% tests="question-6" points=2
sheet.check(6, answer_6)

# %% text="show-7"
sheet.show(7)

# %% solution="answer-7"
answer_7 = ...
# BEGIN SOLUTION
answer_7 = "b, c, e, f"
# END SOLUTION

# %% tests="question-7" points=2
sheet.check(7, answer_7)

# %% text="show-8"
sheet.show(8)

# %% solution="answer-8"
answer_8 = ...
# BEGIN SOLUTION
answer_8 = "1.0\n-2.0\n4.0\n-8.0"
# END SOLUTION

# %% tests="question-8" points=2
sheet.check(8, answer_8)

# %% text="show-9"
sheet.show(9)

# %% solution="answer-9"
answer_9 = ...
# BEGIN SOLUTION
answer_9 = "gradient clipping"
# END SOLUTION

# %% tests="question-9" points=2
sheet.check(9, answer_9)

# %% text="show-10"
sheet.show(10)

# %% solution="answer-10"
answer_10 = ...
# BEGIN SOLUTION
answer_10 = "d"
# END SOLUTION

# %% tests="question-10" points=2
sheet.check(10, answer_10)
