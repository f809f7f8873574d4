"""What holds for the repository as a whole: where things lie, and what no file may contain."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent

TOP_LEVEL = {
    ".ci",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "autograder",
    "benchmarks",
    "constraints.txt",
    "course",
    "docs",
    "mkdocs.yml",
    "nbgrader_config.py",
    "pyproject.toml",
    "reference",
    "source_assignments",
    "tests",
}

# Made-up people may have folders in examples and tests; developers may not.
MADE_UP = ("ada", "instructor", "student", "teacher")
DEVELOPERS_FOLDER = re.compile(rf"(?<![\w.}}/-])/(?:(?:home|Users)/(?!(?:{'|'.join(MADE_UP)})\b)\w|root/[\w.]|work/)")


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("needs git's list of tracked files, and this copy is no git checkout")
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def texts(tracked: list[Path]) -> dict[Path, str]:
    found = {}
    for path in tracked:
        try:
            found[path.relative_to(ROOT)] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # pictures and arrays
    return found


def test_the_top_level_holds_what_the_design_names_and_nothing_else(tracked):
    assert {path.relative_to(ROOT).parts[0] for path in tracked} - TOP_LEVEL == set()


def test_no_file_names_a_folder_of_the_machine_it_was_written_on(texts):
    found = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), start=1)
        if DEVELOPERS_FOLDER.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("line", ["/".join(["", "home", "me", "x"]), '"' + "/".join(["", "root", ".venv"])])
def test_a_developers_folder_is_recognised(line):
    assert DEVELOPERS_FOLDER.search(line)


@pytest.mark.parametrize("line", ["https://example.org/home/page", "/home/student/lab", "a/work/b", "{base}/root/x"])
def test_other_paths_are_left_alone(line):
    assert not DEVELOPERS_FOLDER.search(line)


def test_constraints_are_names_and_exact_versions_only():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+!]*", line)] == []
    names = [canonicalize_name(line.split("==")[0]) for line in pins]
    assert sorted(set(names)) == sorted(names)


def test_every_direct_dependency_is_pinned_to_a_version_it_allows():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}
    extras = project["optional-dependencies"]
    for text in [*project["dependencies"], *extras["labs"], *extras["dev"]]:
        requirement = Requirement(text)
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), text


def test_every_pin_supports_every_python_that_the_set_up_accepts():
    pins = {line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()}
    refused = [
        f"{name} {python}"
        for name in pins
        for distribution in metadata.distributions(name=name)
        for python in ("3.11.0", "3.12.0", "3.13.0")
        if not SpecifierSet(distribution.metadata.get("Requires-Python") or "").contains(python)
    ]
    assert refused == []


def test_every_folder_of_tests_is_a_package(tracked):
    folders = sorted(
        {path.parent for path in tracked if path.match("test_*.py") and path.is_relative_to(ROOT / "tests")}
    )
    assert [str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_what_students_get_beside_a_quiz_imports_nothing_but_itself_and_pythons_own():
    modules = list((ROOT / "autograder" / "quizzes" / "given").glob("*.py"))
    assert modules
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            found = {name.split(".")[0] for name in names}
            assert found <= {*sys.stdlib_module_names, "IPython"}, f"{path.name}:{getattr(node, 'lineno', 0)}: {found}"


@pytest.mark.parametrize("part", ["sandbox", "quizzes"])
def test_what_runs_inside_the_sandbox_imports_nothing_of_the_package(part):
    modules = list((ROOT / "autograder" / part / "inside").glob("*.py"))
    assert modules
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path.name}:{node.lineno}: a plain file has no package to be relative to"
                names = [node.module or ""]
            assert not [name for name in names if name.split(".")[0] == "autograder"], f"{path.name}:{node.lineno}"
