"""`reference/<lab>/equivalent.toml`: generated mistakes that are none, each with the reason why.

[[equivalent]]
mutants = ["activation-dropped/build-cnn/781872"]
reason = "the other activation is enough for the contract"
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autograder.errors import CheckError

FILE = "equivalent.toml"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    mutants: Annotated[list[str], Field(min_length=1)]
    reason: Annotated[str, Field(min_length=10)]


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    equivalent: list[_Entry] = Field(default_factory=list)


def read_equivalent(folder: Path) -> dict[str, str]:
    """The reasons by mutant; none where the lab in `folder` has no such file.

    Raises:
        CheckError: The file is not of its form, or names a mutant twice.
    """
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise CheckError(
            f'expected {path} to hold [[equivalent]] tables of mutants = [...] and reason = "..." (a sentence), '
            f"received something else: {_first(error)}"
        ) from error
    reasons: dict[str, str] = {}
    for entry in file.equivalent:
        for mutant in entry.mutants:
            if mutant in reasons:
                raise CheckError(f"expected each mutant once in {path}, found {mutant!r} twice; remove one")
            reasons[mutant] = entry.reason
    return reasons


def stale(reasons: Mapping[str, str], made: set[str], caught_by: Mapping[str, str]) -> Iterator[str]:
    """What the file says and is not so (any more), one sentence each.

    Args:
        reasons: The file.
        made: The ids of all mutants there are.
        caught_by: What caught a mutant, by its id, of those that were tried.
    """
    for mutant in reasons:
        if mutant not in made:
            yield f"{FILE} names {mutant}, which is no mutant of the lab (any more); remove the entry"
        elif caught_by.get(mutant):
            yield f"{FILE} calls {mutant} no mistake, but {caught_by[mutant]} catches it; remove the entry"


def _first(error: Any) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)
