"""The arena: a small course made by our own commands, with a canary in everything a submission must not see."""

from __future__ import annotations

import atexit
import base64
import functools
import hashlib
import json
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
from nbformat import NotebookNode

from autograder.audit import apply_variant, reference_variant
from autograder.course import SECRET_FILE, Course, open_course

ARENA = Path(__file__).parent / "arena"
LABS = ("arena", "networks")
KEEPER = "a-keeper"  # a student whose submission nobody else may see
# What a pixel of every hidden image holds: shown in whatever way, it gives the image away.
HIDDEN_PIXEL = 0.61738291
NUM_CLASSES = 3
# What every canary contains; made anew each time, so that it cannot stand in a test.
TOKEN = f"kestrel{secrets.token_hex(6)}"

Edit = Callable[[Path], None]


@dataclass(frozen=True)
class Arena:
    """A course whose labs are released.

    Attributes:
        course: The course.
        token: What every canary of this course contains. The one in hidden tests of nbgrader's kind is made from it:
            those do enter the notebook's process.
        lab: The lab that is graded.
    """

    course: Course
    token: str
    lab: str

    def canary(self, place: str) -> str:
        """The canary that is hidden at `place`."""
        return f"{self.token}-{place}"

    def honest(self) -> NotebookNode:
        """The notebook of somebody who has solved everything but the written answer."""
        notebook = nbformat.read(self.course.root / "release" / self.lab / f"{self.lab}.ipynb", as_version=4)
        untouched = [cell.source for cell in notebook.cells]
        filled = apply_variant(notebook, reference_variant(self.course.root / "reference" / self.lab))
        for cell, source in zip(filled.cells, untouched, strict=True):
            if cell.cell_type == "markdown":
                cell.source = source
        return filled

    def hand_in(self, student: str, submit: Edit | None = None, *, empty: bool = False) -> Path:
        """Put a student's submission in place: the honest one, changed by `submit`."""
        folder = self.course.folder("submitted", student, self.lab)
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(self.course.root / "release" / self.lab, folder)
        if not empty:
            (folder / f"{self.lab}.ipynb").write_text(json.dumps(self.honest()), encoding="utf-8")
        if submit is not None:
            submit(folder)
        return folder

    def hidden_tests(self) -> tuple[bytes, ...]:
        """The canary in the hidden tests of a cell without checks, in the ways it could be written."""
        text = _other(self.token).encode()
        return (text, text.hex().encode(), *_base64_forms(text))

    def secrets(self) -> tuple[bytes, ...]:
        """Everything that must never enter a submission's process, in the ways it could be written."""
        texts = [self.token.encode()]
        kept = self.course.root / SECRET_FILE
        if kept.exists():
            texts += [line for line in kept.read_bytes().split() if len(line) >= 8]
        found = [str(HIDDEN_PIXEL).encode(), f"{HIDDEN_PIXEL:.8e}".encode()]
        for text in texts:
            found += [text, text.hex().encode(), *_base64_forms(text)]
        for dtype in ("<f4", "<f8"):
            raw = np.array([HIDDEN_PIXEL], dtype).tobytes()
            found += [raw, raw.hex().encode()]
        return tuple(found)

    def guarded(self) -> str:
        """A digest of everything grading must leave as it is: sources, releases, checks, data, submissions."""
        digest = hashlib.sha256()
        for folder in ("source", "release", "reference", "submitted", "elsewhere"):
            for path in sorted((self.course.root / folder).rglob("*")):
                digest.update(f"{path.relative_to(self.course.root)} {path.lstat().st_mode}".encode(errors="replace"))
                if path.is_file() and not path.is_symlink() and path.stat().st_size < 2**24:
                    digest.update(path.read_bytes())
        for name in ("course.toml", "nbgrader_config.py"):
            digest.update((self.course.root / name).read_bytes())
        return digest.hexdigest()


def make_arena(root: Path, *, keras: bool = False) -> Arena:
    """Make the course in `root`: written, built and released by the commands an instructor uses.

    Args:
        root: A folder that is not there yet.
        keras: Make the course whose slots hold Keras, to grade the lab `networks`.
    """
    shutil.copytree(_made(keras), root)
    arena = Arena(open_course(root), TOKEN, "networks" if keras else "arena")
    arena.hand_in(KEEPER, _keep_a_secret(arena))
    return arena


@functools.cache
def _made(keras: bool) -> Path:
    """The course before anybody has handed in, made once: that takes seconds."""
    root = Path(tempfile.mkdtemp(prefix="arena-")) / "course"
    atexit.register(shutil.rmtree, root.parent, ignore_errors=True)
    shutil.copytree(ARENA, root, ignore=shutil.ignore_patterns("__pycache__"))
    if keras:
        (root / "course.toml").unlink()
        (root / "course-keras.toml").rename(root / "course.toml")
    for path in root.rglob("*.py"):
        path.write_text(_with_canaries(path.read_text()))
    for lab in LABS:
        _write_data(root / "reference" / lab)
    elsewhere = root / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "grades.csv").write_text(f"student,mark\n{TOKEN}-grades,100\n")
    lab = "networks" if keras else "arena"
    for words in (["build", "--course", str(root)], ["release", lab, "--course", str(root)]):
        run_command(*words, check=True)
    with open_course(root).gradebook() as gradebook:
        gradebook.update_or_create_student(KEEPER, last_name=f"{TOKEN}-gradebook")
    return root


def run_command(*words: str, check: bool = False) -> subprocess.CompletedProcess[str]:
    """Run `autograder` as a user does."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "autograder", *words],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"autograder {' '.join(words)} gave {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done


def images_of(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw images of three classes, sorted by class: a bright band where the class says, and noise."""
    labels = np.sort(np.arange(count) % NUM_CLASSES)
    images = rng.uniform(0.0, 0.8, size=(count, 6, 6))
    for number in range(NUM_CLASSES):
        images[labels == number, 2 * number : 2 * number + 2, :5] += 0.3
    return images, labels


def _write_data(lab: Path) -> None:
    (lab / "data").mkdir()
    (lab / "files").mkdir()
    images, labels = images_of(np.random.default_rng(11), 150)
    np.savez(lab / "files" / "train.npz", images=images, labels=labels)
    images, labels = images_of(np.random.default_rng(12), 120)
    images[:, 5, 5] = HIDDEN_PIXEL
    np.savez(lab / "data" / "hidden.npz", images=images, labels=labels)
    (lab / "data" / "note.txt").write_text(f"{TOKEN}-data\n")


def _keep_a_secret(arena: Arena) -> Edit:
    def edit(folder: Path) -> None:
        path = folder / f"{arena.lab}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        cell = nbformat.v4.new_code_cell(f"print('{arena.canary('neighbour')}')")
        notebook.cells.insert(2, cell)
        path.write_text(json.dumps(notebook))

    return edit


def _other(token: str) -> str:
    return f"merlin{hashlib.sha256(token.encode()).hexdigest()[:12]}"


def _with_canaries(text: str) -> str:
    text = text.replace("CANARY(hidden-tests)", _other(TOKEN))
    return re.sub(r"CANARY\(([a-z-]+)\)", rf"{TOKEN}-\1", text)


def _base64_forms(text: bytes) -> Iterator[bytes]:
    """The middle of what base64 makes of the text, wherever in three bytes it begins."""
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + text)
        yield encoded[4 : len(encoded) // 4 * 4 - 4]
