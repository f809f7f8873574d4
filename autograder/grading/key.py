"""What was graded, as one digest: same key, same result, so that nothing unchanged is run twice."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterable
from pathlib import Path

from autograder import __version__
from autograder.checks import Owner
from autograder.grading.task import Settings

RUNTIME = ("nbgrader", "nbclient", "ipykernel", "ipython", "numpy", "keras", "tensorflow", "jax", "torch")

# When it was handed in, and the name of its feedback, change nothing in what runs.
LEFT_OUT = frozenset(("timestamp.txt", "submission_secret.txt"))


def versions() -> dict[str, str]:
    """Versions of everything a result depends on, of what is installed."""
    found = {"autograder": __version__, "python": platform.python_version()}
    for name in RUNTIME:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def lab_digest(lab: Path | None) -> str:
    """A digest of what judges: checks.py and the hidden data beside it; of nothing, without a lab."""
    if lab is None:
        return ""
    files = [lab / "checks.py", *sorted(path for path in (lab / "data").rglob("*") if path.is_file())]
    return _digest_of_files(lab, [path for path in files if path.exists()])


def content_digest(folder: Path) -> str:
    """A digest of what a prepared submission consists of: the cells of its notebooks, the bytes of its other files.

    What an editor writes around the cells, outputs among it, changes nothing in it.
    """
    digest = hashlib.sha256()
    for path in _files(folder):
        if path.suffix == ".ipynb":
            cells = json.loads(path.read_bytes())["cells"]
            content = json.dumps([[cell["cell_type"], _text(cell["source"])] for cell in cells]).encode()
        else:
            content = path.read_bytes()
        for part in (str(path.relative_to(folder)).encode(errors="surrogateescape"), content):
            digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def submission_key(
    folder: Path, lab: str, settings: Settings, seed: str, *, nbgrader_marks: bool = False, owner: Owner | None = None
) -> str:
    """The key of one prepared submission.

    Args:
        folder: The prepared files, the instructor's own among them.
        lab: The digest of what judges.
        settings: Limits and kind of sandbox.
        seed: What random numbers follow from.
        nbgrader_marks: Whose rules decide on tests cells without checks.
        owner: Whose submission it is, where checks depend on that; None where the same work has the same result.
    """
    parts = [
        _digest_of_files(folder, _files(folder)),
        lab,
        settings.model_copy(update={"number": 0}).model_dump_json(),
        seed,
        "nbgrader's marks" if nbgrader_marks else "",
        repr(sorted(versions().items())),
        *([] if owner is None else [repr((owner.student, owner.drawn))]),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in LEFT_OUT)


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _digest_of_files(root: Path, files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(hashlib.sha256(str(path.relative_to(root)).encode()).digest())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
