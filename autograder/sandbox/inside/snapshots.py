"""Snapshots of parts of a running Python that can be swapped, each of which can put its part back.

What is put back is what runs: functions, methods, classes, modules, and the containers and attributes that are named.
Other values (counters, caches, settings) change in honest work too and are left as they are.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from types import FunctionType, ModuleType
from typing import Any

HEAP_TYPE, IMMUTABLE_TYPE = 1 << 9, 1 << 8  # flags of a class, as CPython's object.h has them
BUILTINS = vars(builtins)


class Names:
    """The names of a module, and the classes it defines; names that were added stay.

    The one exception: a name that was added to a module hides the builtin of that name from the module's functions.

    Args:
        module: The module.
    """

    def __init__(self, module: ModuleType) -> None:
        self.module, self.kind, self.names = module, type(module), vars(module)
        self.known = self.names.keys() & BUILTINS.keys()
        self.runs = [(name, value) for name, value in list(self.names.items()) if _runs(name, value)]
        self.codes = [code for _, value in self.runs for code in _codes(value)]
        prefix = module.__name__.partition(".")[0]
        self.methods = [
            Methods(value)
            for _, value in self.runs
            if isinstance(value, type) and str(value.__module__).partition(".")[0] == prefix and is_mutable(value)
        ]

    def restore(self) -> None:
        """Put back what was replaced or deleted."""
        if type(self.module) is not self.kind:
            self.module.__class__ = self.kind
        for name, value in self.runs:
            if self.names.get(name) is not value:
                self.names[name] = value
        for name in (self.names.keys() & BUILTINS.keys()) - self.known:
            del self.names[name]
        for code in self.codes:
            code.restore()
        for methods in self.methods:
            methods.restore()


class Methods:
    """The methods of a class; one that was added stays, unless it hides a base class's.

    Args:
        kind: The class.
    """

    def __init__(self, kind: type) -> None:
        self.kind, self.known = kind, frozenset(vars(kind))
        self.runs = [(name, value) for name, value in list(vars(kind).items()) if _runs(name, value)]
        self.codes = [code for _, value in self.runs for code in _codes(value)]

    def restore(self) -> None:
        """Put back what was replaced or deleted."""
        own = vars(self.kind)
        for name in [name for name in own if name not in self.known]:
            if any(callable(vars(base).get(name)) for base in self.kind.__mro__[1:]):
                type.__delattr__(self.kind, name)
        for name, value in self.runs:
            if own.get(name) is not value:
                type.__setattr__(self.kind, name, value)
        for code in self.codes:
            code.restore()


class Code:
    """What a Python function runs: it can be changed without touching any name.

    Args:
        function: The function.
    """

    def __init__(self, function: FunctionType) -> None:
        self.function, self.code, self.defaults = function, function.__code__, function.__defaults__
        self.named = function.__kwdefaults__
        self.values = dict(self.named) if self.named is not None else {}

    def restore(self) -> None:
        """Put code and defaults back."""
        function = self.function
        if function.__code__ is not self.code:
            function.__code__ = self.code
        if function.__defaults__ is not self.defaults:
            function.__defaults__ = self.defaults
        if self.named is not None:
            self.named.update(self.values)
        if function.__kwdefaults__ is not self.named:
            function.__kwdefaults__ = self.named


class Contents:
    """The contents of a list or dict, and of those in it.

    Args:
        container: The list or dict.
        keep: Entries that may have been added to a list; True: everything that was added stays.
    """

    def __init__(self, container: Any, keep: Iterable[Any] | bool = ()) -> None:
        self.container, self.keep = container, keep
        self.entries = dict(container) if isinstance(container, dict) else list(container)
        inner = self.entries.values() if isinstance(self.entries, dict) else self.entries
        self.inner = [Contents(value, keep) for value in inner if type(value) in (list, dict)]

    def restore(self) -> None:
        """Put back what was replaced or deleted, and remove what was added."""
        if isinstance(self.entries, dict):
            if self.keep is not True:
                self.container.clear()
            self.container.update(self.entries)
        else:
            added = [value for value in self.container if self._may_stay(value)]
            self.container[:] = [*self.entries, *added]
        for inner in self.inner:
            inner.restore()

    def _may_stay(self, value: Any) -> bool:
        if any(value is entry for entry in self.entries):
            return False  # it is there already
        if isinstance(self.keep, bool):
            return self.keep
        return any(value is one for one in self.keep)


class Instance:
    """An object's class, the methods it has of its own, and some of its attributes (traits are attributes too).

    Args:
        thing: The object.
        attributes: Names of attributes that are put back to the same object, and a list or dict to the same contents.
        keep: As for `Contents`, of those attributes.
        hollow: Those of the attributes whose contents are left alone.
    """

    def __init__(
        self,
        thing: Any,
        attributes: Iterable[str] = (),
        keep: Iterable[Any] | bool = (),
        hollow: Iterable[str] = (),
    ) -> None:
        self.thing, self.kind, self.own = thing, type(thing), vars(thing)
        self.places: list[tuple[dict[str, Any], str, Any]] = []
        self.contents: list[Contents] = []
        for name in attributes:
            value = getattr(thing, name, self)  # makes a trait that was not yet asked for
            for place in (self.own, self.own.get("_trait_values", {})):
                if name in place:
                    self.places.append((place, name, value))
            if type(value) in (list, dict) and name not in hollow:
                self.contents.append(Contents(value, keep))
        for name in ("_trait_values", "_trait_notifiers"):
            if name in self.own:
                self.places.append((self.own, name, self.own[name]))
        if "_trait_notifiers" in self.own:  # a callback on a trait runs whenever the trait changes
            self.contents.append(Contents(self.own["_trait_notifiers"]))
        self.known = frozenset(self.own)
        self.runs = [(name, value) for name, value in self.own.items() if callable(value)]

    def restore(self) -> None:
        """Put back what was replaced or deleted, and remove what hides a method of the class."""
        if type(self.thing) is not self.kind:
            object.__setattr__(self.thing, "__class__", self.kind)
        for name in [name for name in self.own if name not in self.known]:
            if callable(getattr(self.kind, name, None)):
                del self.own[name]
        self.own.update(self.runs)
        for place, name, value in self.places:
            place[name] = value
        for contents in self.contents:
            contents.restore()


def is_mutable(kind: type) -> bool:
    """Whether the class's methods can be replaced at all."""
    return bool(kind.__flags__ & HEAP_TYPE) and not kind.__flags__ & IMMUTABLE_TYPE


def _runs(name: str, value: Any) -> bool:
    if name in ("__builtins__", "__loader__", "__spec__", "__dict__", "__weakref__"):
        return False
    # type(value) is: a lazily loaded module puts another object in its own place, which is no tampering
    return callable(value) or hasattr(type(value), "__get__") or type(value) is ModuleType


def _codes(value: Any) -> list[Code]:
    if isinstance(value, property):
        return [Code(one) for one in (value.fget, value.fset) if isinstance(one, FunctionType)]
    function = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
    return [Code(function)] if isinstance(function, FunctionType) else []
