"""Case 61: the trusted processes unpickle nothing and import no framework, whatever lies there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adversarial.case import HONEST
from tests.adversarial.cases_models import CASES
from tests.adversarial.classroom import Classroom, classroom
from tests.adversarial.hidden_places import MARKER, nothing_planted

PICKLES = [case for case in CASES if case.number == 61]

# Found by every Python process through PYTHONPATH, which no sandbox inherits: writes down what must not happen.
WATCH = """
import os, sys

FORBIDDEN = ("keras", "tensorflow", "h5py", "torch", "jax", "joblib", "dill", "cloudpickle")
LOG = {log!r}


def note(what):
    with open(LOG, "a") as file:
        file.write(f"{{' '.join(sys.orig_argv[1:6])}}: {{what}}\\n")


def watch(event, arguments):
    if event == "pickle.find_class":
        note(f"unpickled {{arguments}}")
    elif event == "import" and str(arguments[0]).partition(".")[0] in FORBIDDEN:
        note(f"imported {{arguments[0]}}")


sys.addaudithook(watch)
import pickle
for name in ("load", "loads"):
    def refuse(*arguments, name=name, **named):
        note(f"called pickle.{{name}}")
        raise RuntimeError("unpickled")
    setattr(pickle, name, refuse)
note("watched")
"""


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Classroom, str]]:
    """A class with pickles beside its notebooks, graded by processes that are watched; and what they did."""
    folder = tmp_path_factory.mktemp("watch")
    log = folder / "log.txt"
    (folder / "sitecustomize.py").write_text(WATCH.format(log=str(log)))
    with pytest.MonkeyPatch.context() as patch, classroom([]) as room:
        room.gather(PICKLES)
        patch.setenv("PYTHONPATH", str(folder))
        room.grade()
        patch.undo()
        yield room, log.read_text()


def test_every_trusted_process_was_watched(watched: tuple[Classroom, str]) -> None:
    lines = watched[1].splitlines()
    assert any("autograder grade" in line and line.endswith("watched") for line in lines), lines[:20]
    assert any("autograder.grading.worker" in line and line.endswith("watched") for line in lines), lines[:20]


def test_none_unpickles_or_imports_a_framework_or_loads_a_model(watched: tuple[Classroom, str]) -> None:
    assert [line for line in watched[1].splitlines() if not line.endswith("watched")] == []


def test_the_submissions_are_graded_as_any_other(watched: tuple[Classroom, str]) -> None:
    room, _ = watched
    assert room.done is not None
    assert room.done.returncode == 0, room.shown
    for student in room.cases:
        assert room.outcome(student).scores == HONEST
        nothing_planted(room.outcome(student))
    assert not Path(MARKER).exists()
