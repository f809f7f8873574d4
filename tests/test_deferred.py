"""Processes of ours start without the parser of international addresses, and have it when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest


def told(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_worker_is_ready_for_work_without_the_parser() -> None:
    loaded = "print('jsonschema' in sys.modules, 'lark' in sys.modules)"
    assert told(f"import autograder.grading.worker, sys; {loaded}") == "False False"
    assert told(f"import autograder.grading.task_run, sys; {loaded}") == "True False"


@pytest.mark.parametrize(("address", "valid"), [("https://example.org/größe", "True"), ("not an address", "False")])
def test_addresses_are_checked_as_without_us(address: str, valid: str) -> None:
    question = (
        "from jsonschema import Draft202012Validator as Validator\n"
        f"print(Validator({{'format': 'iri'}}, format_checker=Validator.FORMAT_CHECKER).is_valid({address!r}))"
    )
    assert told(question) == valid
    assert told(f"import autograder\n{question}") == valid


def test_other_names_of_the_package_are_there() -> None:
    assert told("import autograder, rfc3987_syntax; print(rfc3987_syntax.is_valid_syntax_iri('a:b'))") == told(
        "import rfc3987_syntax; print(rfc3987_syntax.is_valid_syntax_iri('a:b'))"
    )


def test_nothing_changes_where_jsonschema_was_there_before() -> None:
    assert told("import jsonschema, autograder, sys; print('lark' in sys.modules)") == "True"
