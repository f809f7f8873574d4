"""Reading a student's cells, for the one question behaviour cannot answer: was it written without the library?"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.checks.names import CONVENTIONS, Names, Own
from autograder.checks.notes import note_asked
from autograder.checks.scopes import Dotted, imports
from autograder.errors import Failure

MAX_CHARACTERS = 100_000  # nobody writes as much in a cell by hand
# A line for IPython rather than for Python: a magic, a command for the shell, a question, or what one of them gives.
MAGIC = re.compile(r"^(\s*)((?:%{1,2}[A-Za-z]|!(?!=)|\?|[\w., ]{1,200}=\s*(?:%[A-Za-z]|!(?!=))).*|.{1,200}\?\s*)$")
# Parts of a library's own folders: beneath them a name has other parts in between (keras.src.layers.core.dense.Dense).
INTERNAL = frozenset(("api", "compat", "python", "src", "v1", "v2"))
READ_ALOUD = "Write names out: what is only put together while the code runs cannot be read here."


@dataclass(frozen=True)
class Sources:
    """The code of a submission, as `student.sources` gives it.

    Example: `expect_no_use_of(student.sources, ["keras.layers.Dense"], cells=["my-dense"])`

    Attributes:
        cells: Its code cells in order, by grade_id; "cell 7" for the seventh of the notebook where it has none.
        given: Those that are the instructor's, such as tests.
    """

    cells: Mapping[str, str]
    given: Collection[str] = frozenset()


def expect_no_use_of(
    source: str | Sources,
    names: Iterable[str],
    what: str = "",
    *,
    cells: Collection[str] | None = None,
    follow: bool = True,
    hint: str = "",
) -> None:
    """Expect that the student's code neither imports nor uses any of `names`, under whatever name it goes there.

    "keras.layers.Dense" is also found as `L.Dense` after `from keras import layers as L` in another cell, behind
    `make = keras.layers.Dense`, in `getattr(keras.layers, "De" + "nse")`, `vars(keras)["layers"].Dense` or
    `importlib.import_module("keras.layers")`, and under tensorflow.keras. A name of the student's own is no use: not a
    variable `dense`, not a method `predict`. Where a name is only put together while the code runs and could be one of
    `names`, that is a failure of its own. It is no wall; it tells an honest student what the exercise is. A check that
    rests on it alone says `evidence="reported"`.

    Example: `expect_no_use_of(student.sources, ["keras", "scipy"], cells=["conv2d"], hint="NumPy is all you need.")`

    Args:
        source: All of the student's cells, `student.sources`, or the text of one, `student.source("conv2d")`, where
            imports in other cells are not seen.
        names: Modules, or what is in them ("keras.layers.Dense", "numpy.linalg"). A name without a dot is a module, a
            builtin ("sorted"), or anything of that name within an imported module ("convolve").
        what: What has to do without them, for the message.
        cells: The cells that are read. When None, all that are not given by the instructor, but for those that are no
            Python and so have not run.
        follow: Read with them the student's functions and classes that they use from other cells. False where those
            are another question's.
        hint: What to try.

    Raises:
        Failure: Says which name is used, and in which line; or that one of `cells` is no Python.
    """
    if isinstance(source, str):
        source, cells, what = Sources({"": source}), [""], what or "this cell"
    wanted = [name for name in source.cells if (name not in source.given if cells is None else name in cells)]
    what = what or "the notebook"
    for name in filter(None, wanted):
        note_asked(name)
    trees = {}
    for name, text in source.cells.items():
        try:
            trees[name] = parse_cell(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if cells is not None and name in cells:  # any other has not run either: it defines nothing
                where = f" in the cell `{name}`" if name else ""
                raise Failure(
                    f"expected {what} to be Python, received code that cannot be read{where} ({type(error).__name__})"
                ) from None
    forbidden = sorted((name, spelling) for name in names for spelling in _spellings(name))
    try:
        uses = _uses(trees, wanted, source.given if follow else trees, forbidden)
        found = min(uses, default=None, key=lambda use: (use.position, use.name, use.text))
    except RecursionError:
        raise Failure(f"expected {what} to be Python, received code that is nested too deeply to be read") from None
    if found is not None:
        where = f"in line {found.position[1]}"
        cell = list(trees)[found.position[0]]
        where += f" of the cell `{cell}`" if cell else ""
        raise Failure(f"expected {what} to do without {found.name}, received {found.text} {where}", found.hint or hint)


@dataclass(frozen=True)
class _Use:
    position: tuple[int, int, int]
    name: str
    text: str
    hint: str = ""


def _uses(
    trees: Mapping[str, ast.Module],
    wanted: Sequence[str],
    given: Collection[str],
    forbidden: Sequence[tuple[str, tuple[str, ...]]],
) -> Iterator[_Use]:
    """Every use in the wanted cells, and in the functions and classes they use from others that are not given."""
    names, order = Names(trees), list(trees)
    # in their order, so that what a name stands for rests on what is known of the lines before
    reading: list[ast.AST] = [trees[name] for name in reversed(wanted) if name in trees]
    read: set[int] = set()
    while reading:
        node = reading.pop()
        if id(node) in read:
            continue
        read.add(id(node))
        reading.extend(reversed([*ast.iter_child_nodes(node)]))
        if written := names.bound.written.get(id(node)):
            reading.append(written)
        place = names.bound.places[id(node)]
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            reading.extend(own for own in names.own(node) if _from_elsewhere(own, names, order, given))
        for module in _stands_for(node, names):
            if name := next((name for name, spelling in forbidden if _is(module, spelling)), None):
                yield _Use(place.position, f"`{name}`", _as_written(node, name))
        asked = names.undetermined(node)
        if asked is not None:
            watched = [name for name, spelling in forbidden if any(_leads_to(module, spelling) for module in asked)]
            if watched or (not asked and forbidden):
                listed = ", ".join(f"`{name}`" for name in sorted(set(watched or [name for name, _ in forbidden]))[:3])
                text = "a name that is only put together while the code runs"
                yield _Use(place.position, listed, text, READ_ALOUD)


def _stands_for(node: ast.AST, names: Names) -> list[Dotted]:
    match node:
        case ast.Import() | ast.ImportFrom():
            return imports(node)
        case ast.Name(ctx=ast.Load()) | ast.Attribute(ctx=ast.Load()) | ast.Subscript(ctx=ast.Load()) | ast.Call():
            return names.modules(node)
    return []


def _from_elsewhere(own: Own, names: Names, order: Sequence[str], given: Collection[str]) -> bool:
    return order[names.bound.places[id(own)].position[0]] not in given


def _spellings(name: str) -> list[tuple[str, ...]]:
    """The ways to write a name from its module on."""
    first, *rest = name.split(".")
    parts = (*CONVENTIONS.get(first, first).split("."), *rest)
    if parts[0] == "keras":
        return [parts, ("tensorflow", *parts), ("tf_keras", *parts[1:])]
    return [parts]


def _is(module: Dotted, spelling: tuple[str, ...]) -> bool:
    """Whether it is what is spelled so, or something in that."""
    parts = module.parts
    if len(spelling) == 1:
        return parts[0] == spelling[0] or (module.imported and spelling[0] in parts)
    if parts[: len(spelling)] == spelling:
        return True
    if not any(part in INTERNAL or part.startswith("_") for part in parts):
        return False
    rest = iter(parts)
    return all(part in rest for part in spelling)


def _leads_to(module: Dotted, spelling: tuple[str, ...]) -> bool:
    """Whether what is spelled so is to be found within it."""
    return len(module.parts) < len(spelling) and spelling[: len(module.parts)] == module.parts


def _as_written(node: ast.AST, name: str) -> str:
    """Say "it", and as what where the text does not tell by itself."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return "it"
    text = ast.unparse(node)
    return "it" if name.rsplit(".", 1)[-1] in text else f"it as `{text[:40]}`"


def parse_cell(source: str) -> ast.Module:
    """Parse a cell; where it is no plain Python, without the lines that speak to IPython.

    IPython's own transformation of a cell takes minutes for some that are written to that end.

    Raises:
        ValueError: It is longer than anybody writes.
        SyntaxError, RecursionError, MemoryError: It is no Python either way.
    """
    if len(source) > MAX_CHARACTERS:
        raise ValueError(f"more than {MAX_CHARACTERS:,} characters")
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.parse("\n".join(MAGIC.sub(r"\1pass", line) for line in source.splitlines()))


def magic_lines(source: str) -> list[str]:
    """The lines of a cell that speak to IPython."""
    return [line for line in source[:MAX_CHARACTERS].splitlines() if MAGIC.match(line)]
