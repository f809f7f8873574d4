"""Reading a TOML file of the course into a record: what is wrong, where, and what to do, each in a sentence."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from autograder.course.table import Table
from autograder.errors import UsageError

Place = tuple[str | int, ...]
"""Where in the file: keys, and positions in lists, from the outside in."""
Record = TypeVar("Record", bound=Table)

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\s-]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+)\s*(?=[.=])")


class Mistake(NamedTuple):
    """A value that is wrong, or that does not fit together with others.

    Attributes:
        place: Where it is best corrected.
        sentence: What was expected, what was found, what to do.
    """

    place: Place
    sentence: str


def read_table(path: Path, kind: type[Record], contradictions: Callable[[Record], Sequence[Mistake]]) -> Record:
    """Read a TOML file into a record of `kind`.

    Args:
        path: The file.
        kind: The record.
        contradictions: Finds what does not fit together in a record whose values are all valid.

    Raises:
        UsageError: It is no TOML, has an unknown key, a value of a wrong type, or contradictions; a line each.
    """
    text, content = read_toml(path)
    try:
        record = kind.model_validate(content)
    except ValidationError as error:
        raise UsageError(refusal(path, text, mistakes_in(kind, error))) from error
    if found := contradictions(record):
        raise UsageError(refusal(path, text, found))
    return record


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """A TOML file as text and as what it holds.

    Raises:
        UsageError: It is no TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"expected TOML in {path}, received something else: {error}; correct it") from error


def line_numbers(text: str) -> dict[Place, int]:
    """The lines on which tables begin and keys stand.

    Only what stands on a line of its own is found: keys within an inline table are taken to be where that is.
    """
    found: dict[Place, int] = {}
    sizes: dict[str, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            names = [name.strip() for name in header[2].split(".")]
            table = tuple(part for name in names[:-1] for part in _entered(name, sizes))
            name = ".".join(names)
            if header[1] == "[[":
                sizes[name] = sizes.get(name, 0) + 1
                found.setdefault((*table, names[-1]), number)
                table = (*table, names[-1], sizes[name] - 1)
            else:
                table = (*table, names[-1])
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, key[1]), number)
    return found


def _entered(name: str, sizes: dict[str, int]) -> tuple[str | int, ...]:
    # A table below a list of tables belongs to the list's last entry.
    return (name, sizes[name] - 1) if name in sizes else (name,)


def refusal(path: Path, text: str, found: Sequence[Mistake]) -> str:
    """What is wrong with a file, a line for each mistake, with the line of the file where it is known."""
    lines = line_numbers(text)
    sentences = []
    for place, sentence in found:
        known = next((place[:end] for end in range(len(place), 0, -1) if place[:end] in lines), None)
        sentences.append(f"{path}{f', line {lines[known]}' if known else ''}: {sentence}")
    return "\n".join(sentences)


def mistakes_in(kind: type[Table], error: ValidationError) -> list[Mistake]:
    """What pydantic found wrong in a record of `kind`; no list is called too short for entries that are wrong."""
    found = error.errors()
    wrong = {one["loc"][:end] for one in found for end in range(len(one["loc"]))}
    return [_mistake_in(kind, one) for one in found if one["type"] != "too_short" or one["loc"] not in wrong]


def _mistake_in(kind: type[Table], error: Any) -> Mistake:
    """One thing that is wrong, as a sentence and its place."""
    place: Place = error["loc"]
    where = _in_words(place)
    if error["type"] == "extra_forbidden":
        keys = ", ".join(_table_at(kind, place[:-1]).model_fields)
        return Mistake(place, f"expected one of the keys {keys}, received the unknown key {where!r}; correct it")
    if error["type"] == "missing":
        return Mistake(place, f"{where}: expected this key, found none; add it")
    if error["type"] == "value_error":
        return Mistake(place, f"{where}: {error['ctx']['error']}; correct it")
    if error["type"] == "too_short":
        least, found = (error["ctx"][key] for key in ("min_length", "actual_length"))
        return Mistake(place, f"{where}: expected at least {least} of them, found {found}; correct it")
    said = f"{error['msg'][0].lower()}{error['msg'][1:]}"
    return Mistake(place, f"{where}: {said}, received {error['input']!r}; correct it")


def _in_words(place: Place) -> str:
    """A place as people count: `title` in the third `[[assignments]]` table is "assignments #3, title"."""
    words = ""
    for before, part in zip((None, *place), place, strict=False):
        if isinstance(part, int):
            words += f" #{part + 1}"
        else:
            words += f"{', ' if isinstance(before, int) else '.' if before else ''}{part}"
    return words


def _table_at(kind: type[BaseModel], place: Place) -> type[BaseModel]:
    for part in place:
        if isinstance(part, str):
            kind = _record_in(kind.model_fields[part].annotation) or kind
    return kind


def _record_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((record for one in get_args(annotation) if (record := _record_in(one)) is not None), None)
