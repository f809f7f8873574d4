"""Run nbgrader's own tests of autograde, which its wheel ships, with our execution in the place of nbgrader's.

    python tests/peer/run.py            # through autograder.nbgrader_plugin
    python tests/peer/run.py --stock    # nbgrader as it comes, for comparison
    python tests/peer/run.py -k force   # other arguments go to pytest

Exit code 0 when every test passes, is skipped by nbgrader itself, or is listed with its reason in docs/nbgrader.md.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

TESTS = "nbgrader.tests.apps.test_nbgrader_autograde"
DOCUMENT = Path(__file__).parents[2] / "docs" / "nbgrader.md"
CONFIGURATION = """\
from autograder.nbgrader_plugin import configure
c = get_config()
configure(c)
c.SandboxedExecute.preload = []  # these notebooks need no framework, and slots start at once without one
"""


def main(arguments: list[str]) -> int:
    """Run the tests, print what came of them, and return the exit code."""
    stock = "--stock" in arguments
    with tempfile.TemporaryDirectory(prefix="autograder-peer-") as scratch:
        outcomes = run(Path(scratch), stock, [one for one in arguments if one != "--stock"])
    passed = [name for name, outcome in outcomes.items() if outcome == "passed"]
    skipped = [name for name, outcome in outcomes.items() if outcome == "skipped"]
    failed = [name for name, outcome in outcomes.items() if outcome == "failed"]
    listed = set() if stock else documented_differences()
    print(
        f"{TESTS}: {len(passed)} of {len(outcomes)} pass, {len(skipped)} skipped by nbgrader, {len(failed)} do not pass"
    )
    for name in failed:
        print(f"  {name}: {'listed in docs/nbgrader.md' if name in listed else 'NOT LISTED in docs/nbgrader.md'}")
    for name in sorted(listed.intersection(passed)):
        print(f"  {name}: passes, though docs/nbgrader.md lists it as one that does not")
    unexpected = set(failed) - listed | listed.intersection(passed)
    return 0 if outcomes and not unexpected else 1


def documented_differences() -> set[str]:
    """Return the tests docs/nbgrader.md lists as not passing: the first column of its table of tests."""
    return set(re.findall(r"^\| `(test_\w+)`", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE))


def run(scratch: Path, stock: bool, arguments: list[str]) -> dict[str, str]:
    """Run the tests in a process of their own, far from our pytest settings; return each one's outcome by name."""
    config, home, report = scratch / "config", scratch / "home", scratch / "report.xml"
    for folder in (config, home):
        folder.mkdir()
    if not stock:
        (config / "nbgrader_config.py").write_text(CONFIGURATION, encoding="utf-8")
    environment = os.environ | {
        "HOME": str(home),
        "JUPYTER_CONFIG_PATH": str(config),
        # nbgrader calls `alembic`, which sits beside Python
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    }
    options = ["-p", "no:cacheprovider", f"--junit-xml={report}", "--pyargs", TESTS, *arguments]
    subprocess.run([sys.executable, "-m", "pytest", *options], cwd=scratch, env=environment, check=False)
    if not report.exists():
        return {}
    cases = ElementTree.parse(report).getroot().iter("testcase")
    return {case.attrib["name"]: outcome(case) for case in cases}


def outcome(case: ElementTree.Element) -> str:
    """Return "passed", "skipped" or "failed"."""
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
