"""What a process need not do at its start.

jsonschema, which nbformat needs, checks international addresses by `rfc3987_syntax`, and that package builds the parser
of its grammar when it is imported: half of the time that a command or a worker would take to start. No schema of a
notebook has such an address in it, so the parser is built when somebody first asks for it.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

GRAMMAR = "rfc3987_syntax"


def defer_grammar_of_addresses() -> None:
    """Put a module in the grammar's place that becomes the real one at the first question.

    Does nothing where the grammar is not installed, or where jsonschema has been imported already.
    """
    if {GRAMMAR, "jsonschema"} & sys.modules.keys() or importlib.util.find_spec(GRAMMAR) is None:
        return
    stand_in = ModuleType(GRAMMAR, "Becomes the package of this name at the first question.")

    def real() -> ModuleType:
        if sys.modules.get(GRAMMAR) is stand_in:
            del sys.modules[GRAMMAR]
        return importlib.import_module(GRAMMAR)

    def is_valid_syntax(term: str, value: str) -> bool:
        return bool(real().is_valid_syntax(term, value))

    def __getattr__(name: str) -> Any:  # noqa: N807 - of a module, by PEP 562
        if name.startswith("__"):
            raise AttributeError(f"module {GRAMMAR!r} has no attribute {name!r}")
        return getattr(real(), name)

    vars(stand_in).update(is_valid_syntax=is_valid_syntax, __getattr__=__getattr__)
    sys.modules[GRAMMAR] = stand_in
