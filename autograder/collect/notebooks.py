"""Which of the files handed in are the assignment's notebooks: by their names, else by the cells nbgrader knows."""

from __future__ import annotations

import filecmp
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.collect.names import visible
from autograder.grading.intake import NotReadableError, read_notebook

# The share of a released notebook's cells that makes another file a version of it: some may have been deleted.
ENOUGH = 0.5
NOTEBOOK = ".ipynb"


@dataclass(frozen=True)
class Released:
    """A notebook of the assignment: its name and its cells' ids."""

    name: str
    grade_ids: frozenset[str]

    @property
    def path(self) -> PurePosixPath:
        """Where it belongs in a submission."""
        return PurePosixPath(f"{self.name}{NOTEBOOK}")


@dataclass(frozen=True)
class Recognised:
    """A submission's files under the names they should have.

    Attributes:
        files: Where each file's content lies, by its path in the submission.
        notes: What a person should know.
        problem: Why nobody but a person can say what is to be graded; "" when that is clear.
    """

    files: Mapping[PurePosixPath, Path]
    notes: tuple[str, ...] = ()
    problem: str = ""


def recognise(files: Mapping[PurePosixPath, Path], released: Sequence[Released]) -> Recognised:
    """Find the assignment's notebooks.

    A notebook with a released name is that notebook. One with another name (or in a folder) is it too when it holds at
    least half of its cells, nothing else does, and nothing has the name. Two that could be it: neither is taken.
    """
    result = dict(files)
    notes, problems = [], []
    missing = [one for one in released if one.path not in files]
    others = [path for path in files if path.suffix.lower() == NOTEBOOK and path not in {one.path for one in released}]
    claims: dict[str, list[PurePosixPath]] = {}
    for path in others:
        owners = _owners(files[path], released)
        same = [one for one in owners if one.path in files and filecmp.cmp(files[one.path], files[path], shallow=False)]
        if same:
            del result[path]
            notes.append(f"{_shown(path)} is the same file as {same[0].path}; left out")
        elif not owners:
            notes.append(f"{_shown(path)} is no notebook of the assignment; kept, not graded")
        for one in owners if not same else ():
            claims.setdefault(one.name, []).append(path)
    for one in released:
        candidates = claims.get(one.name, [])
        if one in missing and len(candidates) == 1 and sum(candidates[0] in paths for paths in claims.values()) == 1:
            result[one.path] = result.pop(candidates[0])
            missing.remove(one)
            notes.append(f"{_shown(candidates[0])} is {one.path} by its cells; renamed")
        elif candidates:
            found = [*([one.path] if one.path in files else []), *candidates]
            problems.append(f"expected one {one.path}, found {_listed(found)} with its cells; take one of them")
    if len(missing) == len(released) and not problems:
        found = [path for path in files if path.suffix.lower() == NOTEBOOK] or list(files)
        problems.append(f"expected {_listed([one.path for one in released])}, found {_listed(found)}")
    elif not problems:
        notes += [f"{one.path} is missing, and nothing else holds its cells" for one in missing]
    return Recognised(result, tuple(notes), "; ".join(problems))


def _owners(file: Path, released: Sequence[Released]) -> list[Released]:
    """The released notebooks that share most cells with this one; none where that is less than enough."""
    try:
        cells = read_notebook(file).cells
    except NotReadableError:
        return []
    found = {str(cell.metadata.get("nbgrader", {}).get("grade_id")) for cell in cells}
    shares = {one: len(one.grade_ids & found) / len(one.grade_ids) for one in released if one.grade_ids}
    best = max(shares.values(), default=0.0)
    return [one for one, share in shares.items() if share == best and share >= ENOUGH]


def _shown(path: PurePosixPath) -> str:
    return visible(str(path))


def _listed(paths: Sequence[PurePosixPath]) -> str:
    shown = [_shown(path) for path in paths[:5]]
    more = f" and {len(paths) - 5} more" if len(paths) > 5 else ""
    return (" and ".join(shown) + more) if shown else "no file at all"
