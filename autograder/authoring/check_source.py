"""What a `checks.py` hides: its functions' names, their sentences and its telling lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder.authoring.phrases import WORD, Phrase, collapse, is_sizeable, words_of


class CheckSource:
    """The hidden part of a checks.py: its functions' names, their sentences and its telling lines."""

    def __init__(self, source: str, public_names: frozenset[str], public_words: set[str]) -> None:
        self._source = source
        self._public_names = public_names
        self._public_words = public_words
        tree = ast.parse(source)
        self._functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        self._documented: list[ast.Module | ast.FunctionDef | ast.AsyncFunctionDef] = [tree, *self._functions]
        vocabulary = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograder")
            for alias in node.names
        }
        # `accuracy` is a word of ours and may well be a function of the lab's.
        self._vocabulary = (vocabulary | {"student"}) - public_names

    def names(self) -> Iterator[Phrase]:
        """Names of functions, as far as they are telling: a check's is a sentence, a helper's may be a plain word."""
        for function in self._functions:
            num_words = len(function.name.strip("_").split("_"))
            if num_words >= 3:
                is_hidden = _is_check(function) or function.name not in self._public_names
            else:
                is_hidden = num_words == 2 and function.name not in self._public_words
            if is_hidden:
                yield Phrase(function.name, "a function of checks.py")

    def unmistakable_lines(self) -> Iterator[Phrase]:
        """What can come from nowhere else: checks' sentences, and lines that speak the language of checks."""
        for function in self._functions:
            if _is_check(function):
                yield from _sentences(function, f"the sentence of the check {function.name}")
        for line in self._code_lines():
            if words_of(line) & self._vocabulary and is_sizeable(line, min_words=2, min_length=16):
                yield Phrase(collapse(line), "a line of checks.py")

    def lines(self) -> Iterator[Phrase]:
        """Other sizeable lines and sentences, which the lab's own text may share."""
        for node in self._documented:
            if not _is_check(node):
                yield from _sentences(node, "a docstring of checks.py")
        for line in self._code_lines():
            if not words_of(line) & self._vocabulary and is_sizeable(line, min_words=4, min_length=24):
                yield Phrase(collapse(line), "a line of checks.py")

    def _code_lines(self) -> list[str]:
        docstrings = {
            number
            for node in self._documented
            if ast.get_docstring(node) is not None
            for number in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
        }
        lines = enumerate(self._source.split("\n"), start=1)
        return [
            line for number, line in lines if number not in docstrings and not re.match(r"\s*(import|from)\s", line)
        ]


def _is_check(node: ast.AST) -> bool:
    decorators = getattr(node, "decorator_list", [])
    called = [decorator.func if isinstance(decorator, ast.Call) else decorator for decorator in decorators]
    return any(ast.unparse(decorator).split(".")[-1] == "check" for decorator in called)


def _sentences(node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef, source: str) -> Iterator[Phrase]:
    for paragraph in (ast.get_docstring(node) or "").split("\n\n"):
        for sentence in re.split(r"(?<=[.!?])\s+", collapse(paragraph)):
            if len(WORD.findall(sentence)) >= 5:
                yield Phrase(sentence.rstrip(".!?"), source)
