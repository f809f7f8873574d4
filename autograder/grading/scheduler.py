"""Where a Dask cluster is, and what its workers must offer."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from autograder.errors import UsageError

ADDRESS = re.compile(r"(tcp|tls|ws|wss)://\S+:\d+")


@dataclass(frozen=True)
class Scheduler:
    """A scheduler to send submissions to.

    Attributes:
        address: As Dask prints it, such as `tcp://192.0.2.7:8786`.
        resources: What each submission takes of its worker's resources, by Dask's names.
    """

    address: str
    resources: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, address: str, resources: Iterable[str] = ()) -> Scheduler:
        """From the command line's words.

        Raises:
            UsageError: No address, a resource is no `NAME=NUMBER`, or Dask is not installed.
        """
        if not ADDRESS.fullmatch(address):
            raise UsageError(
                f"expected --scheduler as tcp://HOST:PORT or tls://HOST:PORT, received {address!r}; `dask scheduler` "
                "prints the address when it starts"
            )
        if importlib.util.find_spec("distributed") is None:
            raise UsageError(
                "expected Dask for --scheduler, found no package `distributed`; install keras-autograder[distributed], "
                "or leave --scheduler out to grade on this machine"
            )
        return cls(address, dict(_amount(words) for words in resources))


def _amount(words: str) -> tuple[str, float]:
    name, _, number = words.partition("=")
    try:
        amount = float(number)
    except ValueError:
        amount = 0.0
    if not name or not 0.0 < amount < float("inf"):
        raise UsageError(f"expected --worker-resources as NAME=NUMBER, such as GPU=1, received {words!r}")
    return name, amount
