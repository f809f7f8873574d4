"""`python -m autograder`: the command line, where the script is not on PATH."""

from autograder.cli import main

main()
