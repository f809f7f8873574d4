"""What protection this machine gives, found by trying: each wall, and what to do where one does not hold."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import SandboxError
from autograder.results import ProtectionLevel
from autograder.sandbox import wall
from autograder.sandbox.limits import Limits
from autograder.sandbox.settings import SlotSettings
from autograder.sandbox.slot import MEMORY_GROUP, Slot

GPU_DEVICES = ("/dev/nvidiactl", "/dev/nvidia0")
FIXES = {
    MEMORY_GROUP: (
        "no cgroup is ours to use, so the memory of each process is bounded alone (RLIMIT_DATA), and that of all "
        "together is added up from outside four times a second; to have a cgroup bound it, run as root, or where "
        "systemd manages this login as `systemd-run --user --scope -p Delegate=yes autograder ...`"
    ),
}


@dataclass(frozen=True)
class Finding:
    """One thing that was tried.

    Attributes:
        name: What it is.
        holds: Whether it does what it should.
        required: Whether grading is refused without it.
        detail: What was found, or what to do.
    """

    name: str
    holds: bool
    required: bool
    detail: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """Everything that was tried, and the level that follows."""

    findings: tuple[Finding, ...]
    level: ProtectionLevel


def examine(limits: Limits, preload: tuple[str, ...]) -> Diagnosis:
    """Start a slot with these limits and modules for real and try every wall from inside."""
    findings = [_bubblewrap(), _recipe()]
    level: ProtectionLevel = "none"
    begun = time.monotonic()
    try:
        with Slot.open(SlotSettings(limits=limits, preload=preload)) as slot:
            seconds = time.monotonic() - begun
            level = slot.protection.level
            versions = ", ".join(f"{name} {version}" for name, version in slot.versions.items())
            findings.append(Finding("warm sandbox", True, True, f"ready in {seconds:.1f} s with {versions}"))
            for name in slot.missing:
                findings.append(
                    Finding(f"module {name}", False, False, "not installed; notebooks that import it will fail")
                )
            for name, holds in slot.protection.holds.items():
                required = name != MEMORY_GROUP
                detail = slot.warm.group.description if name == MEMORY_GROUP and slot.warm.group is not None else ""
                findings.append(Finding(name, holds, required, detail if holds else FIXES.get(name, "")))
    except SandboxError as error:
        findings.append(Finding("warm sandbox", False, True, str(error)))
    findings.append(_gpu())
    return Diagnosis(tuple(findings), level)


def _bubblewrap() -> Finding:
    try:
        path = wall.require_bubblewrap()
    except SandboxError as error:
        return Finding("bubblewrap", False, True, str(error))
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if not version.startswith("bubblewrap"):  # a stand-in, or one that cannot start
        said = version.splitlines()[0][:80] if version else "nothing"
        told = f"expected {path} to be bubblewrap, it says {said!r} of its version; {wall.INSTALL_HINT}"
        return Finding("bubblewrap", False, True, told)
    return Finding("bubblewrap", True, True, f"{version} at {path}")


def _recipe() -> Finding:
    if os.getuid() == 0:
        detail = "running as root: mounts are made by root, each slot drops to a user id of its own"
    else:
        detail = f"running as user {os.getuid()}: mounts are made in a user namespace"
    return Finding("user", True, True, f"{detail}; Linux {platform.release()} on {platform.machine()}")


def _gpu() -> Finding:
    missing = [path for path in GPU_DEVICES if not Path(path).exists()]
    if missing:
        return Finding("GPU", False, False, f"none is usable here ({missing[0]} is not there); grading runs on the CPU")
    return Finding(
        "GPU", False, False, "an NVIDIA device is there; slots do not bind it in yet, grading runs on the CPU"
    )
