"""Generated from course/quizzes/quiz_1.toml by `autograder build`: change that, not this file."""

# %% [markdown] text="title"
# # Quiz 1: dense networks, learning, and Keras from the inside
#
# Ten questions on weeks 1 to 3, two points each. A pocket calculator, or a cell of your own, is welcome.
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
answer_1 = 50890
# END SOLUTION

# %% tests="question-1" points=2
sheet.check(1, answer_1)

# %% text="show-2"
sheet.show(2)

# %% solution="answer-2"
answer_2 = ...
# BEGIN SOLUTION
answer_2 = 88.88888888888889
# END SOLUTION

# %% tests="question-2" points=2
sheet.check(2, answer_2)

# %% text="show-3"
sheet.show(3)

# %% solution="answer-3"
answer_3 = ...
# BEGIN SOLUTION
answer_3 = "a"
# END SOLUTION

# %% tests="question-3" points=2
sheet.check(3, answer_3)

# %% text="show-4"
sheet.show(4)

# %% solution="answer-4"
answer_4 = ...
# BEGIN SOLUTION
answer_4 = 2.19
# END SOLUTION

# %% tests="question-4" points=2
sheet.check(4, answer_4)

# %% text="show-5"
sheet.show(5)

# %% solution="answer-5"
answer_5 = ...
# BEGIN SOLUTION
answer_5 = "d, c, e, a, b"
# END SOLUTION

# %% tests="question-5" points=2
sheet.check(5, answer_5)

# %% text="show-6"
sheet.show(6)

# %% solution="answer-6"
answer_6 = ...
# BEGIN SOLUTION
answer_6 = "a, b, e"
# END SOLUTION

# %% tests="question-6" points=2
sheet.check(6, answer_6)

# %% text="show-7"
sheet.show(7)

# %% solution="answer-7"
answer_7 = ...
# BEGIN SOLUTION
answer_7 = (None, 48)
# END SOLUTION

# %% tests="question-7" points=2
sheet.check(7, answer_7)

# %% text="show-8"
sheet.show(8)

# %% solution="answer-8"
answer_8 = ...
# BEGIN SOLUTION
answer_8 = "0\nbuild 4\n1"
# END SOLUTION

# %% tests="question-8" points=2
sheet.check(8, answer_8)

# %% text="show-9"
sheet.show(9)

# %% solution="answer-9"
answer_9 = ...
# BEGIN SOLUTION
answer_9 = "early stopping"
# END SOLUTION

# %% tests="question-9" points=2
sheet.check(9, answer_9)

# %% text="show-10"
sheet.show(10)

# %% solution="answer-10"
answer_10 = ...
# BEGIN SOLUTION
answer_10 = 128
# END SOLUTION

# %% tests="question-10" points=2
sheet.check(10, answer_10)
