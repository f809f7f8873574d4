"""Declaring checks: the `@check` decorator and loading a lab's `checks.py`."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from autograder.errors import CheckError
from autograder.results import Evidence

if TYPE_CHECKING:
    from autograder.checks.student import Student

CheckFunction = Callable[["Student"], float | None]


@dataclass(frozen=True)
class Check:
    """One declared check.

    Attributes:
        name: The function's name.
        cell: The tests cell (its grade_id) whose points the check decides on.
        sentence: The docstring: what student and TA read.
        weight: Its share in the cell, relative to the cell's other checks.
        evidence: How far its verdict can be believed.
        needs: Names of checks that must have passed, else this one is skipped.
        seconds: Budget of the whole check in seconds; that of a cell when None.
        hidden: Whether it asks about hidden data.
        personal: Whether it depends on whose submission it is.
    """

    name: str
    cell: str
    sentence: str
    function: CheckFunction
    weight: float = 1.0
    evidence: Evidence = "measured"
    needs: tuple[str, ...] = ()
    seconds: float | None = None
    hidden: bool = False
    personal: bool = False


def check(
    cell: str,
    *,
    weight: float = 1.0,
    evidence: Evidence = "measured",
    needs: tuple[str, ...] | list[str] = (),
    seconds: float | None = None,
    hidden: bool = False,
    personal: bool = False,
) -> Callable[[CheckFunction], CheckFunction]:
    """Declare a check on the tests cell `cell`; the function's docstring is the sentence people read.

    The function takes a `Student`. It passes by returning None (or 1.0), earns a part by returning a fraction in
    [0, 1], and fails by raising `Failure`. Anything else it raises counts as "could not judge".

    Example: `@check(cell="cnn-tests", weight=2, needs=["maps_images_to_class_probabilities"])`

    Args:
        cell: The grade_id of the tests cell the check belongs to.
        weight: Share in the cell's points, relative to the cell's other checks; above 0.
        evidence: "measured" (answers compared with values that never entered the sandbox), "recomputed" (rebuilt
            from configuration and weights in a fresh sandbox) or "reported" (the student's process said so).
        needs: Names of checks, declared earlier, that must pass first.
        seconds: Budget of the check, its questions to the student's process included: wall time, less what that process
            waited for a processor. As long as a cell may take when None; one that trains states its own.
        hidden: Whether it asks about hidden data with `student.measure`. Such checks run after all others, numbers
            are all that comes back to them, and what students read of them is coarse.
        personal: Whether it asks `student.owner` whose submission it is. Without it, the same work of two students
            gets the same verdicts, which is how it should be; a quiz, where each has other questions, needs it.
    """

    def declare(function: CheckFunction) -> CheckFunction:
        function.__autograder_check__ = Check(  # type: ignore[attr-defined]
            name=function.__name__,
            cell=cell,
            sentence=" ".join((inspect.getdoc(function) or "").split()),
            function=function,
            weight=weight,
            evidence=evidence,
            needs=tuple(needs),
            seconds=seconds,
            hidden=hidden,
            personal=personal,
        )
        return function

    return declare


def load_checks(path: Path) -> tuple[Check, ...]:
    """Load a lab's `checks.py` and return its checks in the order they were written.

    The file's own folder is where it reads its hidden data (`Path(__file__).parent / "data"`).

    Example: `checks = load_checks(Path("reference/cnn_digits/checks.py"))`

    Raises:
        CheckError: The file cannot be imported, or its checks are inconsistent.
    """
    try:
        module = import_file(path, name=f"autograder_lab_{path.parent.name}_checks")
    except Exception as error:
        raise CheckError(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
    checks = tuple(
        found
        for value in vars(module).values()
        if isinstance(found := getattr(value, "__autograder_check__", None), Check)
    )
    return _validated(checks, path)


def import_file(path: Path, name: str) -> ModuleType:
    """Import the instructor's Python file at `path` under a name of its own, afresh.

    The name carries a digest of the path, so that two courses with a lab of the same name never share a module.
    """
    name = f"{name}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise CheckError(f"expected a Python file at {path}, found none that can be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickling look the module up by its name
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _validated(checks: tuple[Check, ...], path: Path) -> tuple[Check, ...]:
    seen: dict[str, Check] = {}
    for one in checks:
        where = f"check {one.name} in {path}"
        if not one.sentence:
            raise CheckError(f"{where}: expected a docstring (the sentence students read), found none")
        if not one.weight > 0:
            raise CheckError(f"{where}: expected a weight above 0, received {one.weight}")
        if one.seconds is not None and not one.seconds > 0:
            raise CheckError(f"{where}: expected a budget above 0 seconds, received {one.seconds}")
        if unknown := [name for name in one.needs if name not in seen]:
            raise CheckError(f"{where}: needs {unknown[0]!r}, which is no check declared before it")
        late = [name for name in one.needs if seen[name].hidden and not one.hidden]
        if late:
            raise CheckError(f"{where}: needs {late[0]!r}, which asks about hidden data and so runs after it")
        seen[one.name] = one
    return checks
