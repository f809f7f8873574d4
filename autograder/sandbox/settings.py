"""How a slot is made."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.sandbox.limits import Limits


@dataclass(frozen=True)
class SlotSettings:
    """How a slot is made.

    Attributes:
        limits: What one submission may use.
        preload: Modules the warm process imports; a submission pays for anything else itself.
        hide: Files of installed packages to keep out of sight, as patterns below site-packages.
        number: Distinguishes slots of one grader (their user ids, as root).
        sandboxed: False runs without walls, on explicit demand only; every report then says so.
        backend: The Keras backend.
    """

    limits: Limits = field(default_factory=Limits)
    preload: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    number: int = 0
    sandboxed: bool = True
    backend: str = "tensorflow"
