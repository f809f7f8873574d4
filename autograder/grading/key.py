"""What was graded, as one digest: same key, same result, so that nothing unchanged is run twice."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from autograder import __version__
from autograder.checks import Owner
from autograder.grading.task import Settings

RUNTIME = ("nbgrader", "nbclient", "ipykernel", "ipython", "numpy", "keras", "tensorflow", "jax", "torch")

# What lies beside a lab's checks and has no part in judging: what makes and tries the lab.
NOT_JUDGING = frozenset(("lab.py", "variants.py", "make_data.py", "calibrate.py"))

Part = Literal[
    "submission", "checks", "data", "limits", "protection", "versions", "rules", "draws", "student", "cleared"
]
PARTS: tuple[Part, ...] = get_args(Part)
DIGITS = 32  # of a part's digest; 128 bits

# When it was handed in, and the name of its feedback, change nothing in what runs.
LEFT_OUT = frozenset(("timestamp.txt", "submission_secret.txt"))


def versions() -> dict[str, str]:
    """Versions of everything a result depends on, of what is installed."""
    return dict(_installed())


@functools.cache
def _installed() -> tuple[tuple[str, str], ...]:
    found = [("autograder", __version__), ("python", platform.python_version())]
    for name in RUNTIME:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found.append((name, importlib.metadata.version(name)))
    return tuple(found)


@dataclass(frozen=True)
class LabDigests:
    """Digests of what judges, empty without a lab.

    Attributes:
        checks: Of checks.py and the modules beside it that it may import.
        data: Of the hidden data.
    """

    checks: str = ""
    data: str = ""

    @classmethod
    def of(cls, lab: Path) -> LabDigests:
        """The digests of the lab in this folder."""
        modules = sorted(path for path in lab.glob("*.py") if path.name not in NOT_JUDGING)
        data = sorted(path for path in (lab / "data").rglob("*") if path.is_file())
        return cls(_digest_of_files(lab, modules), _digest_of_files(lab, data))


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


@dataclass(frozen=True)
class SubmissionDigests:
    """The digests of a prepared submission, the instructor's files among its own.

    Attributes:
        files: Of every file, byte by byte.
        content: Of what they mean, as `content_digest` has it.
    """

    files: str
    content: str

    @classmethod
    def of(cls, folder: Path) -> SubmissionDigests:
        """The digests of the prepared files in this folder."""
        return cls(_digest_of_files(folder, _files(folder)), content_digest(folder))


def submission_key(
    submission: SubmissionDigests,
    lab: LabDigests,
    settings: Settings,
    seed: str,
    *,
    nbgrader_marks: bool = False,
    owner: Owner | None = None,
    cleared: str = "",
) -> str:
    """The key of one prepared submission: its parts, each as a name and a digest.

    Args:
        submission: The digests of the prepared files.
        lab: The digests of what judges.
        settings: Limits and kind of sandbox.
        seed: What random numbers follow from.
        nbgrader_marks: Whose rules decide on tests cells without checks.
        owner: Whose submission it is, where checks depend on that; None where the same work has the same result.
        cleared: When all earlier results were declared void; empty where that never was.
    """
    sandbox = [settings.preload, settings.hide, settings.sandboxed]
    parts: dict[Part, str] = {
        "submission": submission.files,
        "checks": lab.checks,
        "data": lab.data,
        "limits": settings.limits.model_dump_json(),
        "protection": json.dumps(sandbox),
        "versions": json.dumps(sorted(versions().items())),
        "rules": "nbgrader's marks" if nbgrader_marks else "",
        "draws": seed,
        "student": "" if owner is None else json.dumps([owner.student, owner.drawn]),
        "cleared": cleared,
    }
    return " ".join(f"{name}:{hashlib.sha256(value.encode()).hexdigest()[:DIGITS]}" for name, value in parts.items())


def changed_parts(before: str, after: str) -> tuple[Part, ...]:
    """What differs between two keys; all of it where one was made by another version of this package."""
    one, other = (dict(part.partition(":")[::2] for part in key.split(" ")) for key in (before, after))
    return tuple(name for name in PARTS if name not in one or one[name] != other.get(name))


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
