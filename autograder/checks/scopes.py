"""What is bound where in a notebook's cells: the scopes of Python, all cells sharing the outermost one."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Position = tuple[int, int, int]  # cell, line, column

FIRST: Position = (-1, 0, 0)


@dataclass(frozen=True)
class Dotted:
    """A name as an import gives it: `np.linalg.norm` is ("numpy", "linalg", "norm").

    Attributes:
        parts: The parts of the name.
        imported: False for one that no cell binds: a builtin, or nothing.
    """

    parts: tuple[str, ...]
    imported: bool = True

    def __truediv__(self, path: str) -> Dotted:
        """The name of an attribute of it, or of an attribute of that."""
        return Dotted((*self.parts, *path.split(".")), self.imported)


Value = ast.AST | Dotted


@dataclass(eq=False)
class Binding:
    """One thing a name is bound to.

    Attributes:
        value: An expression, one of whose values or entries it may be; a function or class; or what is imported.
        position: Where that is done.
        certain: Whether it is done in any case: not in a branch or a loop.
    """

    value: Value
    position: Position
    certain: bool


@dataclass(eq=False)
class Scope:
    """A scope: the module, a function, a class or a comprehension."""

    kind: str
    parent: Scope | None = None
    bindings: dict[str, list[Binding]] = field(default_factory=lambda: defaultdict(list))
    elsewhere: dict[str, Scope] = field(default_factory=dict)  # names declared global or nonlocal
    starred: list[Dotted] = field(default_factory=list)  # `from numpy import *`
    returned: list[ast.AST] = field(default_factory=list)

    def home(self) -> Scope:
        """The scope that a comprehension stands in; itself for any other."""
        return self.parent.home() if self.kind == "comprehension" and self.parent else self


@dataclass(frozen=True)
class Place:
    """Where a node stands: its scope, its position, and whether it can run again after what follows it."""

    scope: Scope
    position: Position
    in_loop: bool


@dataclass
class Bound:
    """Everything that is bound in some cells.

    Attributes:
        places: Where each node stands, by its id.
        scopes: The scope that a function or class makes, by its id.
        attributes: What is assigned to an attribute of this name, of whatever object.
        written: Code in strings that is run by `exec` or `eval`, by the id of that call.
    """

    module: Scope = field(default_factory=lambda: Scope("module"))
    places: dict[int, Place] = field(default_factory=dict)
    scopes: dict[int, Scope] = field(default_factory=dict)
    attributes: dict[str, list[ast.AST]] = field(default_factory=lambda: defaultdict(list))
    written: dict[int, ast.Module] = field(default_factory=dict)


def bind(cells: Mapping[str, ast.Module]) -> Bound:
    """Find out what is bound where in the cells, which run in this order."""
    bound = Bound()
    for number, tree in enumerate(cells.values()):
        _Binder(bound, number).run(tree)
    return bound


class _Binder:
    """Goes through one cell without recursion: nesting is as deep as a student cares to write."""

    def __init__(self, bound: Bound, cell: int) -> None:
        self.bound, self.cell = bound, cell
        self.waiting: list[tuple[ast.AST, Scope, bool, bool]] = []

    def run(self, tree: ast.Module) -> None:
        self.waiting.append((tree, self.bound.module, True, False))
        while self.waiting:
            node, scope, certain, in_loop = self.waiting.pop()
            self.bound.places[id(node)] = Place(scope, self.position(node), in_loop)
            children = list(self.visit(node, scope, certain, in_loop))
            self.waiting.extend(reversed(children))

    def visit(
        self, node: ast.AST, scope: Scope, certain: bool, in_loop: bool
    ) -> Iterator[tuple[ast.AST, Scope, bool, bool]]:
        """Bind what this node binds; its children, each with its scope, whether it runs for certain, and in a loop."""
        inner = scope
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                inner = self.function(node, scope, certain)
            case ast.ClassDef(name=name, body=body):
                self.add(scope, name, node, self.position(body[0]), certain)
                inner = self.bound.scopes[id(node)] = Scope("class", scope)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                inner = Scope("comprehension", scope)
                for part in node.generators:
                    self.target(inner, part.target, part.iter, FIRST, certain=True)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self.target(scope, target, value, self.end(node), certain)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.target(scope, target, value, self.end(node), certain)
            case ast.NamedExpr(target=target, value=value):
                self.target(scope.home(), target, value, self.end(node), certain=False)
            case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
                self.target(scope, target, value, self.end(value), certain=False)
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                self.target(scope, target, value, self.end(value), certain)
            case (
                ast.ExceptHandler(name=str() as name)
                | ast.MatchAs(name=str() as name)
                | ast.MatchStar(name=str() as name)
            ):
                self.add(scope, name, node, self.position(node), certain=False)
            case ast.MatchMapping(rest=str() as name):
                self.add(scope, name, node, self.position(node), certain=False)
            case ast.Import() | ast.ImportFrom():
                for name, dotted in _imported(node):
                    if name == "*":
                        scope.starred.append(dotted)
                    else:
                        self.add(scope, name, dotted, self.end(node), certain)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                outer = self.bound.module if isinstance(node, ast.Global) else scope.parent or self.bound.module
                scope.elsewhere.update(dict.fromkeys(names, outer))
            case ast.Return(value=ast.expr() as value):
                scope.returned.append(value)
            case ast.Call(func=ast.Name(id="exec" | "eval"), args=[ast.Constant(value=str() as code), *_]):
                if written := self.written(node, code):
                    yield written, scope, certain, in_loop
        loops = in_loop or isinstance(node, (ast.For, ast.AsyncFor, ast.While))
        keeps = certain and isinstance(node, (ast.Module, ast.With, ast.AsyncWith))
        for name, child in _children(node):
            if inner is scope:
                yield child, scope, keeps if isinstance(child, ast.stmt) else certain, loops
            elif name == "body" or inner.kind == "comprehension":
                yield child, inner, True, in_loop and inner.kind == "comprehension"
            else:  # decorators, defaults, base classes
                yield child, scope, certain, in_loop

    def function(self, node: Function, scope: Scope, certain: bool) -> Scope:
        inner = self.bound.scopes[id(node)] = Scope("function", scope)
        arguments = node.args
        named = [*arguments.posonlyargs, *arguments.args]
        defaults = [*[None] * (len(named) - len(arguments.defaults)), *arguments.defaults, *arguments.kw_defaults]
        for argument, default in zip([*named, *arguments.kwonlyargs], defaults, strict=True):
            self.add(inner, argument.arg, argument if default is None else default, FIRST, certain=True)
        for rest in (arguments.vararg, arguments.kwarg):
            if rest is not None:
                self.add(inner, rest.arg, rest, FIRST, certain=True)
        if isinstance(node, ast.Lambda):
            inner.returned.append(node.body)
        else:
            self.add(scope, node.name, node, self.position(node.body[0]), certain)
        return inner

    def target(self, scope: Scope, target: ast.AST, value: ast.AST, position: Position, certain: bool) -> None:
        """Bind the names in a target of an assignment; where it is not told apart, each to the whole value."""
        match target:
            case ast.Name(id=name):
                self.add(scope, name, value, position, certain)
            case ast.Tuple(elts=names) | ast.List(elts=names):
                parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
                told_apart = len(parts) == len(names) and not any(isinstance(e, ast.Starred) for e in [*names, *parts])
                for one, part in zip(names, parts if told_apart else [value] * len(names), strict=True):
                    self.target(scope, one, part, position, certain)
            case ast.Starred(value=inner):
                self.target(scope, inner, value, position, certain)
            case ast.Attribute(attr=name):
                self.bound.attributes[name].append(value)
            case ast.Subscript(value=ast.Name(id=name)):  # an entry of a dict or list
                self.add(scope, name, value, position, certain=False)

    def add(self, scope: Scope, name: str, value: Value, position: Position, certain: bool) -> None:
        home = scope.elsewhere.get(name, scope)
        home.bindings[name].append(Binding(value, position, certain and home is scope))
        if scope.kind == "class" and isinstance(value, ast.expr):
            self.bound.attributes[name].append(value)

    def written(self, call: ast.Call, code: str) -> ast.Module | None:
        try:
            tree = ast.parse(code.strip())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None  # it will not run either
        for node in ast.walk(tree):
            ast.copy_location(node, call)
        self.bound.written[id(call)] = tree
        return tree

    def position(self, node: ast.AST) -> Position:
        return (self.cell, getattr(node, "lineno", 0), getattr(node, "col_offset", 0))

    def end(self, node: ast.AST) -> Position:
        return (self.cell, getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0))


def imports(node: ast.Import | ast.ImportFrom) -> list[Dotted]:
    """Everything an import statement names."""
    if isinstance(node, ast.Import):
        return [Dotted(tuple(one.name.split("."))) for one in node.names]
    module = _module(node)
    return [module, *(module / one.name for one in node.names if one.name != "*")]


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Dotted]]:
    """The names an import binds, each with what it stands for; "*" with the module whose names all are bound."""
    for one in node.names:
        if isinstance(node, ast.ImportFrom):
            yield one.asname or one.name, _module(node) if one.name == "*" else _module(node) / one.name
        elif one.asname:
            yield one.asname, Dotted(tuple(one.name.split(".")))
        else:
            yield one.name.split(".")[0], Dotted((one.name.split(".")[0],))


def _module(node: ast.ImportFrom) -> Dotted:
    # a module beside the notebook begins with a dot, and is no library
    return Dotted((*["."] * node.level, *(node.module or "").split(".")))


def _children(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield name, child
