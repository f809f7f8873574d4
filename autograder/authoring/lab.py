"""A lab as its author wrote it: the frozen record of `reference/<lab>/lab.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.authoring.regions import HIDDEN_TESTS, SOLUTION
from autograder.errors import AuthoringError

CellKind = Literal["free", "text", "solution", "tests", "answer", "task"]

# What nbgrader leaves behind when it copies an assignment's files.
IGNORED_NAMES = frozenset({"__pycache__", ".ipynb_checkpoints", ".DS_Store"})


@dataclass(frozen=True)
class Cell:
    """One cell of a lab.

    Attributes:
        kind: "text" (read-only), "solution" (the student writes here), "tests" (visible tests, marks), "answer"
            (the student writes here, marked by hand), "task" (marked by hand, and what is marked stands elsewhere: in
            cells that the student adds, in a file, in a talk) or "free": prose and code that nbgrader takes no notice
            of.
        cell_type: "code" or "markdown".
        source: The notebook's text, solution included, `__main__` guard removed.
        line: The header's line in lab.py.
        grade_id: nbgrader's name of the cell; None when free.
        points: What a "tests", "answer" or "task" cell is worth; None otherwise.
    """

    kind: CellKind
    cell_type: Literal["code", "markdown"]
    source: str
    line: int
    grade_id: str | None = None
    points: int | float | None = None

    @property
    def solution_lines(self) -> tuple[str, ...]:
        """What students must not see: the lines in solution regions, or a whole answer that has no region."""
        if self.kind == "answer" and not SOLUTION.mentioned(self.source):
            return tuple(self.source.split("\n"))
        return SOLUTION.split(self.source).inside

    @property
    def hidden_test_lines(self) -> tuple[str, ...]:
        """The lines between nbgrader's own HIDDEN TESTS markers."""
        return HIDDEN_TESTS.split(self.source).inside

    @property
    def public_lines(self) -> tuple[str, ...]:
        """The lines students get."""
        if self.kind == "answer" and not SOLUTION.mentioned(self.source):
            return ()
        without_solution = "\n".join(SOLUTION.split(self.source).public)
        return HIDDEN_TESTS.split(without_solution).public


@dataclass(frozen=True)
class Lab:
    """One lab: its cells and where its other parts lie."""

    name: str
    folder: Path
    title: str
    cells: tuple[Cell, ...]

    @property
    def max_points(self) -> float:
        """The sum of all points."""
        return float(sum(cell.points for cell in self.cells if cell.points is not None))

    @property
    def checks_path(self) -> Path:
        """The hidden checks; not every lab has them."""
        return self.folder / "checks.py"

    @property
    def data_folder(self) -> Path:
        """The hidden data; not every lab has some."""
        return self.folder / "data"

    def of_kind(self, kind: CellKind) -> tuple[Cell, ...]:
        """The cells of one kind, in order."""
        return tuple(cell for cell in self.cells if cell.kind == kind)

    def public_files(self) -> dict[str, Path]:
        """The files students get beside the notebook: path relative to the assignment -> where it lies.

        Raises:
            AuthoringError: One of them is a link or would overwrite the notebook.
        """
        folder = self.folder / "files"
        found = {path.relative_to(folder).as_posix(): path for path in files_below(folder)}
        for name, path in found.items():
            if path.is_symlink():
                raise AuthoringError(
                    f"{self.name}/files/{name}: expected a file, found a link; put the file itself there"
                )
            if name == f"{self.name}.ipynb":
                raise AuthoringError(f"{self.name}/files/{name}: this name is the notebook's own; rename the file")
        return found


def files_below(folder: Path) -> Iterator[Path]:
    """Every file under `folder` that is worth a look, sorted; nothing when there is no such folder."""
    for path in sorted(folder.rglob("*")):
        if (path.is_symlink() or path.is_file()) and not IGNORED_NAMES & set(path.relative_to(folder).parts):
            yield path
