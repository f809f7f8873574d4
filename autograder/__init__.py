"""Grades Keras and TensorFlow course notebooks: student code in a sandbox, its judge outside."""

from autograder.deferred import defer_grammar_of_addresses

__version__ = "0.1.0"

defer_grammar_of_addresses()
