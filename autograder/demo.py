"""The demo: one lab, from its source to the reports, for a class of right, wrong and hostile submissions."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from rich.console import Console

from autograder.audit import Variant, apply_variant, load_variants, reference_variant, untouched_variant
from autograder.authoring import build, release
from autograder.class_run import grade_and_show
from autograder.course import open_course
from autograder.display import require_folder
from autograder.errors import UsageError
from autograder.grading.grade import Options

LAB = "cnn_digits"
MARKER = ".autograder-demo"
NBGRADER_CONFIG = """c = get_config()
c.CourseDirectory.course_id = "demo"
"""
COURSE_TOML = """id = "demo"
title = "Demo course"

[paths]
reference = "{reference}"

[sandbox]
hide = ["sklearn/datasets/data/digits.csv.gz"]

[limits]
cell_seconds = 20
total_seconds = 90
memory_mib = 2048
"""
# Student ids and the variant of the lab each hands in; the hostile ones are below.
HONEST = {
    "ada": "reference",
    "bela": "functional_with_batch_normalisation",
    "chen": "subclassed_and_built",
    "dora": "loops_over_places",
    "emil": "kernel_flipped",
    "fatima": "strides_ignored",
    "gita": "logits_without_softmax",
    "hugo": "learning_rate_zero",
    "ines": "precision_and_recall_swapped",
    "jonas": "untouched",
}
CRASHES = """
import ctypes
ctypes.string_at(0)  # a segmentation fault, as a broken extension module gives
"""
NEVER_ENDS = """
while True:
    pass
"""
EATS_MEMORY = """
blocks = [bytearray(64 * 2**20) for _ in range(10_000)]
"""
FORGES = """
from IPython import get_ipython

shell = get_ipython()
# every later cell becomes a statement that succeeds
shell.input_transformers_cleanup.append(lambda lines: ["pass\\n"])
# every later cell starts with a result that reads as full marks
shell.events.register("pre_run_cell", lambda info: shell.displayhook(100.0))
# whatever asks the kernel for a number is told a good one
for name in list(shell.kernel.shell_handlers):
    if name not in ("execute_request", "kernel_info_request"):
        shell.kernel.shell_handlers[name] = lambda stream, identity, message: shell.kernel.session.send(
            stream, "autograder_reply", {"id": message["content"].get("id"), "ok": 1.0}, parent=message, ident=identity
        )
print("ALL TESTS PASSED. SCORE: 40/40")
"""
HOSTILE = {
    "kim": ("train", CRASHES),
    "lars": ("train", NEVER_ENDS),
    "mona": ("conv2d", EATS_MEMORY),
    "nils": ("output-size", FORGES),
}


def run_demo(console: Console, project: Path, into: Path) -> None:
    """Build, release and grade the lab for the demo's class, in a course made in `into`.

    Raises:
        UsageError: `project` has no labs, or `into` is somebody's folder.
    """
    reference = require_folder(project / "reference" / LAB, "the lab of the demo").resolve().parent
    begun = time.monotonic()
    _make_course(into, reference)
    course = open_course(into)
    console.print(f"1. Build {LAB} from reference/{LAB}/lab.py")
    build([LAB], reference, course.source_folder(LAB).parent)
    console.print("2. Release it with nbgrader, and look for anything hidden in what students get")
    (released,) = release(course, [LAB])
    console.print("3. Gather a class")
    for student, notebook in _class(reference / LAB, released.folder / f"{LAB}.ipynb"):
        _hand_in(course.folder("submitted", student, LAB), released.folder, notebook)
    console.print("4. Grade it")
    grade_and_show(console, course, LAB, Options())
    pages = sorted((into / "reports" / LAB).glob("*/*.html"))
    for page in pages:
        console.print(f"  {page}", soft_wrap=True)
    console.print(f"Gradebook: {into / 'gradebook.db'}, as nbgrader's formgrader shows it", soft_wrap=True)
    console.print(f"Done in {time.monotonic() - begun:.0f} s.")


def _make_course(into: Path, reference: Path) -> None:
    if into.exists() and any(into.iterdir()) and not (into / MARKER).exists():
        raise UsageError(
            f"expected a new folder or an earlier demo at {into}, found other files there; name another with --into"
        )
    if into.exists():
        shutil.rmtree(into)
    into.mkdir(parents=True)
    (into / MARKER).touch()
    (into / "nbgrader_config.py").write_text(NBGRADER_CONFIG)
    relative = os.path.relpath(reference, into.resolve())
    (into / "course.toml").write_text(COURSE_TOML.format(reference=relative))


def _class(lab: Path, released: Path) -> Iterator[tuple[str, NotebookNode]]:
    variants: dict[str, Variant] = {
        variant.name: variant
        for variant in (reference_variant(lab), untouched_variant(), *load_variants(lab / "variants.py"))
    }
    template = nbformat.read(released, as_version=4)
    for student, name in HONEST.items():
        yield student, apply_variant(template, variants[name])
    for student, (cell, mischief) in HOSTILE.items():
        notebook = apply_variant(template, variants["reference"])
        broken = _cell(notebook, cell)
        broken.source = f"{mischief.strip()}\n\n{broken.source}"
        yield student, notebook


def _cell(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    cells: list[NotebookNode] = notebook.cells
    return next(cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def _hand_in(folder: Path, released: Path, notebook: NotebookNode) -> None:
    shutil.copytree(released, folder)
    nbformat.write(notebook, folder / f"{LAB}.ipynb")
    (folder / "timestamp.txt").write_text("2026-03-02 09:00:00.000000 UTC")
