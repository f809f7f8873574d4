"""What a lab hides from students, gathered so that a release can be searched for it."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.check_source import CheckSource
from autograder.authoring.lab import Lab, files_below
from autograder.authoring.phrases import Phrase, collapse, is_sizeable, occurs, words_of

TEXT_DATA = frozenset({".csv", ".json", ".jsonl", ".md", ".tsv", ".txt"})
TRIVIAL_FILE_BYTES = 64
PASSAGE_LINES = 3


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


def hidden_of(lab: Lab) -> Hidden:
    """Gather what `lab` hides: solutions, hidden tests, checks, variants' and data files.

    A single line that lab.py also gives away in another place is no secret: solutions, tests and prose share lines
    such as `image = np.zeros((8, 8))`. Whole solutions, passages of them, and what only a check can say, stay secret
    all the same.
    """
    public = collapse("\n".join(line for cell in lab.cells for line in cell.public_lines))
    phrases = [*_cell_phrases(lab)]
    names: list[Phrase] = []
    strict = [*_passages(lab)]
    if lab.checks_path.exists():
        checks = CheckSource(lab.checks_path.read_text(encoding="utf-8"), _identifiers(lab), words_of(public))
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
            if is_sizeable(line, min_words=3, min_length=16):
                yield Phrase(collapse(line), f"the solution of {cell.grade_id!r}")
        for line in cell.hidden_test_lines:
            if is_sizeable(line, min_words=3, min_length=16):
                yield Phrase(collapse(line), f"the hidden tests of {cell.grade_id!r}")


def _passages(lab: Lab) -> Iterator[Phrase]:
    """What is no coincidence in another cell: a whole solution, be it one line, or successive lines of one."""
    for cell in lab.cells:
        lines = [collapse(line) for line in cell.solution_lines if line.strip()]
        length = min(len(lines), PASSAGE_LINES)
        for start in range(len(lines) - length + 1):
            passage = lines[start : start + length]
            whole = length == len(lines) and is_sizeable(" ".join(passage), min_words=4, min_length=24)
            if whole or sum(is_sizeable(line, min_words=3, min_length=16) for line in passage) >= 2:
                yield Phrase(" ".join(passage), f"the solution of {cell.grade_id!r}")


def _own_lines(solution: Iterable[str], public: Iterable[str]) -> frozenset[str]:
    given = {collapse(line) for line in public}
    return frozenset(collapse(line) for line in solution if words_of(line)) - given


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
