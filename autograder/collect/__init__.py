"""Collecting submissions from what a learning platform hands out."""

from autograder.collect.collection import collect
from autograder.collect.naming import Format
from autograder.collect.outcome import Became, Collection, Options, Row
from autograder.collect.table import print_collection

__all__ = ["Became", "Collection", "Format", "Options", "Row", "collect", "print_collection"]
