"""Tests of autograder.authoring."""
