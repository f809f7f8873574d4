"""One SQLAlchemy engine for every gradebook that is opened in a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbgrader import api
from sqlalchemy.engine import Engine


@contextmanager
def one_engine() -> Iterator[None]:
    """Have nbgrader, and us, open each database with the engine it was opened with before.

    nbgrader opens the gradebook nine times to sanitise one submission, each time by an engine of its own, which has to
    compile every statement again: that was most of what preparing a small notebook took. Closing a gradebook still
    ends its connections; only what was compiled stays.
    """
    engines: dict[tuple[str, str], Engine] = {}
    create_engine = api.create_engine

    def known(url: str, **settings: Any) -> Engine:
        key = (url, repr(sorted(settings.items())))
        if key not in engines:
            engines[key] = create_engine(url, **settings)
        return engines[key]

    api.create_engine = known  # type: ignore[assignment] # all that nbgrader asks of it
    try:
        yield
    finally:
        api.create_engine = create_engine
