"""Reading a lab: sections of `lab.py`, given their meaning by their headers."""

from __future__ import annotations

from pathlib import Path

from autograder.authoring.guard import remove_guard
from autograder.authoring.lab import Cell, CellKind, Lab
from autograder.authoring.percent import Section, read_sections
from autograder.authoring.rubric_cells import rubric_cells
from autograder.authoring.validation import problems_of
from autograder.errors import AuthoringError, UsageError

ROLES: tuple[CellKind, ...] = ("text", "solution", "tests", "answer", "task")
RUBRIC = "rubric"


def read_lab(folder: Path) -> Lab:
    """Read and validate the lab in `folder`.

    Raises:
        UsageError: There is no lab.py.
        AuthoringError: lab.py does not make a valid assignment; one line for each thing that is wrong.
    """
    path = folder / "lab.py"
    where = f"{folder.name}/lab.py"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"expected a lab at {path}, found no such file; a lab is a folder with a lab.py") from None
    except UnicodeDecodeError as error:
        raise AuthoringError(f"{where}: expected UTF-8 text, found the byte {error.object[error.start]:#x}") from error
    problems: list[tuple[int, str]] = []
    cells: list[Cell] = []
    for section in read_sections(text, where):
        try:
            cells += _rubric(section, folder) if RUBRIC in section.options else (_cell(section),)
        except ValueError as error:
            problems.append((section.line, str(error)))
    lab = Lab(name=folder.name, folder=folder, title=_title(cells), cells=tuple(cells))
    # What rules say about the whole lab makes sense only when every cell could be read.
    problems = problems or problems_of(lab)
    if problems:
        raise AuthoringError("\n".join(f"{where}:{line}: {message}" for line, message in sorted(problems)))
    return lab


def _title(cells: list[Cell]) -> str:
    first_line = cells[0].source.split("\n")[0] if cells and cells[0].cell_type == "markdown" else ""
    return first_line.removeprefix("# ").strip() if first_line.startswith("# ") else ""


def _rubric(section: Section, folder: Path) -> list[Cell]:
    """The cells a section `# %% rubric="name"` stands for.

    Raises:
        ValueError: The section says something else too, or there is no such rubric.
    """
    if others := sorted(section.options.keys() - {RUBRIC}):
        raise ValueError(f"expected nothing beside {RUBRIC}= in the header, found {', '.join(others)}")
    if section.source.strip():
        raise ValueError(f"expected nothing below a {RUBRIC}= header, found text; put it into a cell of its own")
    name = section.options[RUBRIC]
    if not isinstance(name, str):
        raise ValueError(f'expected {RUBRIC}="a-name" in the header, found {RUBRIC}={name!r}')
    return list(rubric_cells(folder, name, section.line))


def _cell(section: Section) -> Cell:
    """Give a section its meaning.

    Raises:
        ValueError: Its header or its guard cannot be understood.
    """
    kind = _kind(section)
    if section.cell_type not in ("code", "markdown"):
        raise ValueError(f"expected a code or markdown cell, found a {section.cell_type} cell")
    source = section.source
    if section.cell_type == "code":
        try:
            source = remove_guard(source)
        except SyntaxError as error:
            raise ValueError(f"line {error.lineno} of the cell: expected Python, found {error.msg}") from error
    return Cell(
        kind=kind,
        cell_type="code" if section.cell_type == "code" else "markdown",
        source=source,
        line=section.line,
        grade_id=None if kind == "free" else _grade_id(section.options[kind], kind),
        points=_points(section.options.get("points"), kind),
    )


def _kind(section: Section) -> CellKind:
    options = section.options
    if "incorrectly_encoded_metadata" in options:
        broken = options["incorrectly_encoded_metadata"]
        raise ValueError(f'expected key="value" pairs after `# %%`, found {broken}')
    roles = [role for role in ROLES if role in options]
    if len(roles) > 1:
        raise ValueError(f"expected one of {', '.join(ROLES)} in the header, found {' and '.join(roles)}")
    if unknown := sorted(options.keys() - {*ROLES, "points"}):
        raise ValueError(f"unknown header key {unknown[0]!r}; expected {', '.join(ROLES)}, {RUBRIC} or points")
    if repeated := [key for key in options if section.header.count(f"{key}=") > 1]:
        raise ValueError(f"expected {repeated[0]}= once in the header, found it more often")
    return roles[0] if roles else "free"


def _grade_id(value: object, kind: CellKind) -> str:
    if not isinstance(value, str):
        raise ValueError(f'expected {kind}="an-id" in the header, found {kind}={value!r}')
    return value


def _points(value: object, kind: CellKind) -> int | float | None:
    if kind not in ("tests", "answer", "task"):
        if value is not None:
            raise ValueError(f"points={value} on a {kind} cell; only tests, answer and task cells carry points")
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        found = "none" if value is None else f"points={value!r}"
        raise ValueError(f"expected points=NUMBER on {'an' if kind == 'answer' else 'a'} {kind} cell, found {found}")
    return value
