"""Grades Keras and TensorFlow course notebooks: student code in a sandbox, its judge outside."""

__version__ = "0.1.0"
