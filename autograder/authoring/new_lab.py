"""`autograder new lab`: a small whole lab that works from its first minute, to be changed piece by piece."""

from __future__ import annotations

import keyword
import re
import shutil
import tempfile
from pathlib import Path

from autograder.checks.declare import import_file
from autograder.course import Course
from autograder.errors import UsageError

TEMPLATES = Path(__file__).parent / "templates" / "lab"
SUFFIX = ".template"
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
MOST_CHARACTERS = 40


def new_lab(course: Course, name: str) -> Path:
    """Write the folder of a new lab, data included; the folder.

    Raises:
        UsageError: The name is no good, or something of that name is there already.
    """
    if not NAME.fullmatch(name) or keyword.iskeyword(name) or len(name) > MOST_CHARACTERS:
        raise UsageError(
            "expected the name of a lab: small letters, digits and single underscores, a letter first, at most "
            f"{MOST_CHARACTERS} characters (cnn_digits), received {name!r}"
        )
    folder = (course.reference or course.root / "reference") / name
    for taken in (folder, course.source_folder(name)):
        if taken.exists():
            raise UsageError(
                f"expected a new name, found {taken} there already; choose another name, or change that lab"
            )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{name}-") as scratch:
        made = Path(scratch) / name
        made.mkdir()
        for template in sorted(TEMPLATES.glob(f"*{SUFFIX}")):
            text = template.read_text(encoding="utf-8")
            text = text.replace("LAB_NAME", name).replace("LAB_TITLE", name.replace("_", " ").capitalize())
            (made / template.name.removesuffix(SUFFIX)).write_text(text, encoding="utf-8")
        import_file(made / "make_data.py", f"autograder_new_lab_{name}_make_data").write(made)
        shutil.rmtree(made / "__pycache__", ignore_errors=True)
        made.rename(folder)
    return folder
