"""What a lab hides from students, gathered so that a release can be searched for it."""

from __future__ import annotations

import ast
import hashlib
import keyword
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.lab import Lab, files_below

TEXT_DATA = frozenset({".csv", ".json", ".jsonl", ".md", ".tsv", ".txt"})
TRIVIAL_FILE_BYTES = 64
PASSAGE_LINES = 3
WORD = re.compile(r"[^\W\d]\w*|\d[\w.]*")


@dataclass(frozen=True)
class Phrase:
    """A text that must not occur, and what it is a part of: "the solution of 'build-cnn'"."""

    text: str
    source: str


@dataclass(frozen=True)
class Hidden:
    """Everything textual a lab hides.

    Attributes:
        phrases: Lines and sentences, white space collapsed.
        names: Words that must not occur as words: check functions, hidden files.
        own_lines: grade_id -> the cell's solution lines, even short ones: none may be left in that very cell.
        data_lines: Lines of hidden text files, to be compared line by line.
        digests: SHA-256 of instructors' files -> what they are.
    """

    phrases: tuple[Phrase, ...]
    names: tuple[Phrase, ...]
    own_lines: dict[str, frozenset[str]]
    data_lines: dict[str, str]
    digests: dict[str, str]


def collapse(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def occurs(phrase: str, text: str) -> bool:
    """Whether `phrase` stands in `text` as a whole, not as a piece of longer words."""
    if phrase not in text:
        return False
    before = r"(?<!\w)" if re.match(r"\w", phrase) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", phrase) else ""
    return re.search(before + re.escape(phrase) + after, text) is not None


def hidden_of(lab: Lab) -> Hidden:
    """Gather what `lab` hides: solutions, hidden tests, checks, variants' and data files.

    A single line that lab.py also gives away in another place is no secret: solutions, tests and prose share lines
    such as `image = np.zeros((8, 8))`. Passages of solutions, and what only a check can say, stay secret all the same.
    """
    public = collapse("\n".join(line for cell in lab.cells for line in cell.public_lines))
    phrases = [*_cell_phrases(lab)]
    names: list[Phrase] = []
    strict = [*_passages(lab)]
    if lab.checks_path.exists():
        checks = CheckSource(lab.checks_path.read_text(encoding="utf-8"), _identifiers(lab))
        phrases += checks.lines()
        strict += checks.unmistakable_lines()
        names += checks.names()
    open_phrases = [phrase for phrase in phrases if not occurs(phrase.text, public)]
    return Hidden(
        phrases=tuple(dict.fromkeys([*strict, *open_phrases])),
        names=(*names, *_data_names(lab)),
        own_lines={
            cell.grade_id: _own_lines(cell.solution_lines, cell.public_lines) for cell in lab.cells if cell.grade_id
        },
        data_lines=dict(_data_lines(lab, public)),
        digests=dict(_digests(lab)),
    )


def _cell_phrases(lab: Lab) -> Iterator[Phrase]:
    for cell in lab.cells:
        for line in cell.solution_lines:
            if _is_sizeable(line, min_words=3, min_length=16):
                yield Phrase(collapse(line), f"the solution of {cell.grade_id!r}")
        for line in cell.hidden_test_lines:
            if _is_sizeable(line, min_words=3, min_length=16):
                yield Phrase(collapse(line), f"the hidden tests of {cell.grade_id!r}")


def _passages(lab: Lab) -> Iterator[Phrase]:
    """Successive solution lines: found in another cell they are a copy, not a coincidence."""
    for cell in lab.cells:
        lines = [collapse(line) for line in cell.solution_lines if line.strip()]
        length = min(len(lines), PASSAGE_LINES)
        for start in range(len(lines) - length + 1):
            passage = lines[start : start + length]
            if sum(_is_sizeable(line, min_words=3, min_length=16) for line in passage) >= 2:
                yield Phrase(" ".join(passage), f"the solution of {cell.grade_id!r}")


def _own_lines(solution: Iterable[str], public: Iterable[str]) -> frozenset[str]:
    given = {collapse(line) for line in public}
    return frozenset(collapse(line) for line in solution if _words(line)) - given


def _words(text: str) -> set[str]:
    return {word for word in WORD.findall(text) if not keyword.iskeyword(word)}


def _is_sizeable(line: str, min_words: int, min_length: int) -> bool:
    """Whether a line says enough for its being found elsewhere to mean something: `return x` does not."""
    return len(collapse(line)) >= min_length and len(_words(line)) >= min_words


class CheckSource:
    """The hidden part of a checks.py: its functions' names, their sentences and its telling lines."""

    def __init__(self, source: str, public_names: frozenset[str]) -> None:
        self._source = source
        self._public_names = public_names
        tree = ast.parse(source)
        self._functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        self._documented: list[ast.Module | ast.FunctionDef | ast.AsyncFunctionDef] = [tree, *self._functions]
        self._vocabulary = {"student"} | {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograder")
            for alias in node.names
        }

    def names(self) -> Iterator[Phrase]:
        """Names of functions: a check's is a sentence and always hidden, a helper's only if lab.py has none such."""
        for function in self._functions:
            num_parts = len(function.name.strip("_").split("_"))
            is_sentence = _is_check(function) and num_parts >= 3
            if is_sentence or (num_parts >= 2 and function.name not in self._public_names):
                yield Phrase(function.name, "a function of checks.py")

    def unmistakable_lines(self) -> Iterator[Phrase]:
        """What can come from nowhere else: checks' sentences, and lines that speak the language of checks."""
        for function in self._functions:
            if _is_check(function):
                yield from _sentences(function, f"the sentence of the check {function.name}")
        for line in self._code_lines():
            if _words(line) & self._vocabulary and _is_sizeable(line, min_words=2, min_length=16):
                yield Phrase(collapse(line), "a line of checks.py")

    def lines(self) -> Iterator[Phrase]:
        """Other sizeable lines and sentences, which the lab's own text may share."""
        for node in self._documented:
            if not _is_check(node):
                yield from _sentences(node, "a docstring of checks.py")
        for line in self._code_lines():
            if not _words(line) & self._vocabulary and _is_sizeable(line, min_words=4, min_length=24):
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


def _identifiers(lab: Lab) -> frozenset[str]:
    """Every name lab.py's code uses."""
    names: set[str] = set()
    for cell in lab.cells:
        if cell.cell_type == "code":
            for node in ast.walk(ast.parse(cell.source)):
                names |= {
                    value
                    for field in ("id", "name", "attr", "arg")
                    if isinstance(value := getattr(node, field, 0), str)
                }
    return frozenset(names)


def _data_names(lab: Lab) -> Iterator[Phrase]:
    public = {path.name for path in lab.public_files().values()}
    for path in files_below(lab.data_folder):
        if path.name not in public:
            yield Phrase(path.name, "the name of a hidden file")


def _data_lines(lab: Lab, public: str) -> Iterator[tuple[str, str]]:
    for path in files_below(lab.data_folder):
        if path.suffix in TEXT_DATA:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            for line in lines[1:] if path.suffix in (".csv", ".tsv") else lines:  # a header is no secret
                text = collapse(line)
                if len(text) >= 16 and not occurs(text, public):
                    yield text, f"hidden data ({path.name})"


def _digests(lab: Lab) -> Iterator[tuple[str, str]]:
    public = lab.folder / "files"
    for path in files_below(lab.folder):
        if path.is_symlink() or path.is_relative_to(public):
            continue
        content = path.read_bytes()
        if len(content) >= TRIVIAL_FILE_BYTES:
            yield digest(content), _relative(path, lab.folder)


def digest(content: bytes) -> str:
    """The content's SHA-256."""
    return hashlib.sha256(content).hexdigest()


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
