"""Which notebooks are meant: a file, a folder, or the name of a lab that has been fetched."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.errors import UsageError


def find_notebooks(target: Path) -> list[Path]:
    """The notebooks that `target` stands for: itself, those in a folder, or NAME.ipynb for NAME.

    Raises:
        UsageError: There is none.
    """
    if target.is_dir():
        found = sorted(path for path in target.glob("*.ipynb") if path.is_file())
        if found:
            return found
        raise UsageError(f"expected notebooks in {target}, found none; name the folder or the notebook of a lab")
    for path in (target, target.with_name(f"{target.name}.ipynb")):
        if path.is_file():
            return [path]
    near = [path.as_posix() for path in sorted(target.parent.glob("*.ipynb"))]
    near += sorted({path.parent.as_posix() for path in target.parent.glob("*/*.ipynb")})
    listed = f" (there are {', '.join(near[:8])})" if near else ""
    raise UsageError(f"expected a notebook or a lab's folder, found no {target}{listed}; correct the name")


def read_notebook(path: Path) -> NotebookNode:
    """The notebook in `path`.

    Raises:
        UsageError: It is none that can be read.
    """
    if zipfile.is_zipfile(path):
        raise UsageError(f"expected a notebook in {path}, found a zip file; unpack it and name the notebook in it")
    remedy = "open it in Jupyter, save it there and try again"
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        if not isinstance(document, dict) or document.get("nbformat") != 4:
            raise ValueError("a notebook of another format, or none")
        notebook: NotebookNode = nbformat.from_dict(document)
        for cell in notebook.cells:
            cell.source = "".join(cell.source)
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
            cell.setdefault("metadata", nbformat.from_dict({}))
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise UsageError(f"expected a notebook in {path}, found something else ({error}); {remedy}") from error
    except OSError as error:
        raise UsageError(f"expected to read {path}, received {error.strerror}; permit it") from error
    return notebook
