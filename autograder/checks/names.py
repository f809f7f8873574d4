"""What names in a notebook's cells stand for: `L.Conv2D` is keras.layers.Conv2D where `L` is `keras.layers`."""

from __future__ import annotations

import ast
import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, product

from autograder.checks.scopes import Binding, Dotted, Place, Scope, bind

# What an unbound name stands for: where a cell is read alone, its imports stand elsewhere.
CONVENTIONS = {
    "jnp": "jax.numpy",
    "layers": "keras.layers",
    "np": "numpy",
    "ops": "keras.ops",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "tf": "tensorflow",
    **{name: name for name in ("jax", "keras", "numpy", "scipy", "sklearn", "tensorflow", "torch")},
}
MOST_STRINGS = 1000
# What one name may stand for at one place: nobody writes as many branches by hand, and reading them takes no time.
MOST_BINDINGS = 20
MOST_VALUES = 100
MOST_PARTS = 20

OF_MODULE = "__dict__"  # the last part of a module's dict of names
ALL_NAMES = Dotted(("globals()",))
IMPORTING = ("importlib.import_module", "importlib.__import__", "__import__")
ENTRY = ("get", "pop", "setdefault", "__getitem__")  # methods of a dict

Own = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
Values = tuple[Dotted | Own, ...]  # in the order of the code: the same on every run


class Names:
    """What expressions in some cells stand for, as far as that can be told without running them.

    A name stands for what it was last bound to, and for all it may have been bound to since in branches and loops; an
    entry of a container for any of its entries.

    Args:
        cells: Parsed cells in the order they run.
    """

    def __init__(self, cells: Mapping[str, ast.Module]) -> None:
        self.bound = bind(cells)
        self._known: dict[int, Values] = {}
        self._texts: dict[int, frozenset[str] | None] = {}
        self._bindings_of: dict[tuple[int, str], _Bindings] = {}

    def modules(self, node: ast.AST) -> list[Dotted]:
        """What of modules an expression may stand for."""
        return [value for value in self.values(node) if isinstance(value, Dotted)]

    def own(self, node: ast.AST) -> list[Own]:
        """The notebook's own functions and classes that an expression may stand for."""
        return [value for value in self.values(node) if not isinstance(value, Dotted)]

    def values(self, node: ast.AST) -> Values:
        """Everything an expression may stand for."""
        if id(node) not in self._known:
            self._known[id(node)] = ()  # for a name that is bound to something made of itself
            found: dict[Dotted | Own, None] = {}
            for value in self._values(node):
                found[value] = None
                if len(found) == MOST_VALUES:
                    break
            self._known[id(node)] = tuple(found)
        return self._known[id(node)]

    def undetermined(self, node: ast.AST) -> list[Dotted] | None:
        """The modules of which something is asked for by a name that is only put together while the code runs.

        Returns:
            The modules; an empty list where any module may be imported or any code run; None where all can be told.
        """
        match node:
            case ast.Call(func=function, args=[base, key, *_]) if self._is(function, "getattr"):
                return self.modules(base) if self.strings(key) is None else None
            case ast.Call(func=function, args=[key, *_]) if self._is(function, *IMPORTING):
                return [] if self.strings(key) is None else None
            case ast.Call(func=function, args=[_, *_]) if self._is(function, "exec", "eval"):
                return None if id(node) in self.bound.written else []
        if (asked := _entry(node)) is not None and self.strings(asked[1]) is None:
            dicts = [one for one in self.modules(asked[0]) if one.parts[-1] == OF_MODULE]
            return [Dotted(one.parts[:-1]) for one in dicts] or None
        return None

    def strings(self, node: ast.AST) -> frozenset[str] | None:
        """Every string an expression may be; None where that cannot be told."""
        if id(node) not in self._texts:
            self._texts[id(node)] = None  # for a name that is bound to something made of itself
            self._texts[id(node)] = self._strings(node)
        return self._texts[id(node)]

    def _strings(self, node: ast.AST) -> frozenset[str] | None:
        match node:
            case ast.Constant(value=str() as text):
                return frozenset([text])
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._joined([left, right])
            case ast.JoinedStr(values=parts):
                return self._joined(parts)
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                return self.strings(value)
            case ast.Name(id=name):
                bound_to = [binding.value for binding in self._bindings(name, self.bound.places[id(node)])]
                told = [value for value in bound_to if isinstance(value, ast.AST)]
                return self._any(told) if told and len(told) == len(bound_to) else None
            case ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.IfExp():
                return self._any(_parts(node))
        return None

    def _any(self, nodes: Iterable[ast.AST]) -> frozenset[str] | None:
        found: set[str] = set()
        for node in nodes:
            strings = self.strings(node)
            if strings is None:
                return None
            found |= strings
        return frozenset(found)

    def _joined(self, nodes: Sequence[ast.AST]) -> frozenset[str] | None:
        pieces = [strings for node in nodes if (strings := self.strings(node)) is not None]
        if len(pieces) < len(nodes) or math.prod(map(len, pieces)) > MOST_STRINGS:
            return None
        return frozenset("".join(each) for each in product(*pieces))

    def _values(self, node: ast.AST) -> Iterator[Dotted | Own]:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() | ast.ClassDef():
                yield node
            case ast.Name(id=name):
                yield from self._name(name, self.bound.places[id(node)])
            case ast.Attribute(value=base, attr=name):
                yield from self._attribute(base, name)
            case ast.Call(func=function, args=[base, key, *default]) if self._is(function, "getattr"):
                for name in self.strings(key) or ():
                    yield from self._attribute(base, name)
                for one in default:
                    yield from self.values(one)
            case ast.Call(func=function, args=[key, *_]) if self._is(function, *IMPORTING):
                yield from (Dotted(tuple(name.split("."))) for name in self.strings(key) or ())
            case ast.Call(func=function, args=[base]) if self._is(function, "vars"):
                yield from (module / OF_MODULE for module in self.modules(base))
            case ast.Call(func=function, args=[]) if self._is(function, "vars", "globals", "locals"):
                yield ALL_NAMES
            case ast.Call(func=function) if _entry(node) is None:
                for own in self.own(function):
                    for result in self.bound.scopes[id(own)].returned:
                        yield from self.values(result)
            case _ if (asked := _entry(node)) is not None:
                for value in self.values(asked[0]):
                    yield from self._entries(value, asked[1])
            case _:
                for part in _parts(node):
                    yield from self.values(part)

    def _name(self, name: str, place: Place) -> Iterator[Dotted | Own]:
        bindings = self._bindings(name, place)
        for binding in bindings:
            if isinstance(binding.value, Dotted):
                yield binding.value
            else:
                yield from self.values(binding.value)
        if not bindings:
            yield from (module / name for module in self.bound.module.starred[-MOST_BINDINGS:])
            yield Dotted(tuple(CONVENTIONS.get(name, name).split(".")), imported=name in CONVENTIONS)

    def _bindings(self, name: str, place: Place) -> Sequence[Binding]:
        """What the name may be bound to there; nothing where no scope binds it."""
        scope: Scope | None = place.scope
        while scope is not None:
            home = scope.elsewhere.get(name, scope)
            at_once = home is place.scope or home is place.scope.home()
            if name in home.bindings and (home.kind != "class" or at_once):
                if (id(home), name) not in self._bindings_of:
                    self._bindings_of[id(home), name] = _Bindings(home.bindings[name])
                return self._bindings_of[id(home), name].in_force(place if at_once else None)
            scope = scope.parent
        return ()

    def _attribute(self, base: ast.AST, name: str) -> Iterator[Dotted | Own]:
        modules = self.modules(base)
        yield from (module / name for module in modules if len(module.parts) < MOST_PARTS)
        for assigned in () if modules else self.bound.attributes.get(name, ()):
            yield from self.values(assigned)

    def _entries(self, container: Dotted | Own, key: ast.AST) -> Iterator[Dotted | Own]:
        """What an entry of it may be: of a module's names, of the imported modules, of the notebook's names."""
        for name in self.strings(key) or ():
            if container == ALL_NAMES:
                place = self.bound.places[id(key)]
                yield from self._name(name, Place(self.bound.module, place.position, place.in_loop))
            elif isinstance(container, Dotted) and container.parts[-1] == OF_MODULE:
                yield Dotted(container.parts[:-1]) / name
            elif container == Dotted(("sys", "modules")):
                yield Dotted(tuple(name.split(".")))
        yield container  # one of the values that a list or dict was seen to hold

    def _is(self, node: ast.AST, *names: str) -> bool:
        """Whether an expression may stand for one of these builtins, or functions of modules."""
        return any(".".join(value.parts).removeprefix("builtins.") in names for value in self.modules(node))


class _Bindings:
    """Everything one name is bound to in one scope, in order."""

    def __init__(self, bindings: Iterable[Binding]) -> None:
        self.all = sorted(bindings, key=lambda one: one.position)
        certain = accumulate((number if one.certain else 0 for number, one in enumerate(self.all)), max)
        self.last_certain = [*certain]

    def in_force(self, place: Place | None) -> Sequence[Binding]:
        """Those that may hold at a place in the same scope; for a function that is called later, in the end."""
        end = len(self.all) if place is None else bisect_right(self.all, place.position, key=lambda one: one.position)
        after = self.all[end : end + MOST_BINDINGS] if place is None or place.in_loop or end == 0 else []
        return [*self.all[self.last_certain[end - 1] if end else 0 : end][-MOST_BINDINGS:], *after]


def _entry(node: ast.AST) -> tuple[ast.AST, ast.AST] | None:
    """The container and the key, where an expression asks for an entry of one."""
    match node:
        case ast.Subscript(value=base, slice=key):
            return base, key
        case ast.Call(func=ast.Attribute(value=base, attr=name), args=[key, *_]) if name in ENTRY:
            return base, key
    return None


def _parts(node: ast.AST) -> list[ast.expr]:
    """The expressions one of whose values an expression has, or that it is a container of."""
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.BoolOp(values=parts):
            return parts
        case ast.Dict(values=parts):
            return parts
        case ast.IfExp(body=body, orelse=other):
            return [body, other]
        case ast.NamedExpr(value=value) | ast.Starred(value=value) | ast.Await(value=value) | ast.DictComp(value=value):
            return [value]
        case ast.ListComp(elt=value) | ast.SetComp(elt=value) | ast.GeneratorExp(elt=value):
            return [value]
    return []
