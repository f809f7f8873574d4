"""Building labs into nbgrader's source folder, and telling where that folder has drifted from them."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.authoring.lab import Lab, files_below
from autograder.authoring.notebook import build_notebook, notebook_bytes
from autograder.authoring.reading import read_lab
from autograder.checks import load_checks
from autograder.errors import AuthoringError, UsageError

DIFF_LINES = 12


@dataclass(frozen=True)
class Change:
    """A file that is not what the lab says.

    Attributes:
        path: The file in the source folder.
        what: "missing", "different", or "stray": there, but no part of the lab.
        diff: The first difference, as a short unified diff; empty when there is nothing to compare.
    """

    path: Path
    what: Literal["missing", "different", "stray"]
    diff: str = ""


@dataclass(frozen=True)
class Built:
    """A lab that was built or, with `check`, compared.

    Attributes:
        lab: Its name.
        notebook: Where its notebook is, or would be.
        changes: What was not as the lab says before. A build has corrected it, except for stray files: these may be
            somebody's work, so people delete them or move them to `reference/<lab>/files`.
    """

    lab: str
    notebook: Path
    changes: tuple[Change, ...]

    @property
    def stray(self) -> tuple[Change, ...]:
        """The files no build removes."""
        return tuple(change for change in self.changes if change.what == "stray")


def list_labs(reference: Path) -> tuple[str, ...]:
    """The names of all labs: the folders of `reference` with a lab.py."""
    return tuple(sorted(path.parent.name for path in reference.glob("*/lab.py")))


def build(labs: Sequence[str], reference: Path, source: Path, check: bool = False) -> list[Built]:
    """Build labs: `source/<lab>/<lab>.ipynb`, and beside it the files of `reference/<lab>/files`.

    Every lab is read before anything is written. Files are replaced as a whole, and only when they differ.

    Args:
        labs: Names of labs; all of `reference` when empty.
        reference: The folder of labs.
        source: nbgrader's source folder.
        check: Write nothing, only report what a build would change.

    Raises:
        UsageError: A lab does not exist.
        AuthoringError: A lab is not valid.
        CheckError: A lab's checks.py cannot be loaded.
    """
    outcome = []
    for lab, files in [(lab, expected_files(lab)) for lab in _read_labs(labs, reference)]:
        folder = source / lab.name
        changes = compare(files, folder)
        if not check:
            write_changes(changes, files, folder)
        outcome.append(Built(lab=lab.name, notebook=folder / f"{lab.name}.ipynb", changes=changes))
    return outcome


def expected_files(lab: Lab) -> dict[str, bytes]:
    """What the lab's source folder holds: path in the folder -> content."""
    _expect_checks_fit(lab)
    files = {name: path.read_bytes() for name, path in lab.public_files().items()}
    return {f"{lab.name}.ipynb": notebook_bytes(build_notebook(lab)), **files}


def _read_labs(names: Sequence[str], reference: Path) -> list[Lab]:
    known = list_labs(reference)
    if not known:
        raise UsageError(f"expected labs (folders with a lab.py) in {reference}, found none")
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(known)}"
            raise UsageError(f"expected the name of a lab in {reference}, received {name!r}{hint}")
    return [read_lab(reference / name) for name in dict.fromkeys(names or known)]


def _expect_checks_fit(lab: Lab) -> None:
    if not lab.checks_path.exists():
        return
    tests = [cell.grade_id for cell in lab.of_kind("tests")]
    for check in load_checks(lab.checks_path):
        if check.cell not in tests:
            raise AuthoringError(
                f"{lab.name}/checks.py: check {check.name}: expected the id of a tests cell of lab.py, found "
                f"{check.cell!r}; there are {', '.join(map(repr, tests)) or 'none'}"
            )


def compare(files: Mapping[str, bytes], folder: Path) -> tuple[Change, ...]:
    """Where a folder is not what `files` says: path in the folder -> content."""
    changes = []
    for name, content in files.items():
        path = folder / name
        if not path.is_file():
            changes.append(Change(path, "missing"))
        elif (found := path.read_bytes()) != content:
            changes.append(Change(path, "different", first_difference(found, content, path.name)))
    strays = [path for path in files_below(folder) if path.relative_to(folder).as_posix() not in files]
    return (*changes, *(Change(path, "stray") for path in strays))


def write_changes(changes: Iterable[Change], files: Mapping[str, bytes], folder: Path) -> None:
    """Correct what `compare` has found; stray files stay, which may be somebody's work."""
    for change in changes:
        if change.what != "stray":
            write_file(change.path, files[change.path.relative_to(folder).as_posix()])


def first_difference(found: bytes, expected: bytes, name: str) -> str:
    """The first place where a file differs from what it should be, as a short unified diff."""
    try:
        before, after = found.decode().splitlines(), expected.decode().splitlines()
    except UnicodeDecodeError:
        return f"{name}: {len(found)} bytes found, {len(expected)} expected, or other ones"
    diff = list(difflib.unified_diff(before, after, f"{name} (found)", f"{name} (from its source)", n=2, lineterm=""))
    hunks = [number for number, line in enumerate(diff) if line.startswith("@@")]
    end = min(hunks[1] if len(hunks) > 1 else len(diff), DIFF_LINES)
    return "\n".join(diff[:end])


def write_file(path: Path, content: bytes) -> None:
    """Put a file in place whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
