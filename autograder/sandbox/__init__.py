"""The sandbox: slots, the walls around them, the kernels they fork, and the judge's line to a kernel."""

from autograder.sandbox.limits import OPEN_FILES, Limits
from autograder.sandbox.settings import SlotSettings
from autograder.sandbox.slot import Slot

__all__ = ["OPEN_FILES", "Limits", "Slot", "SlotSettings"]
