"""The limits one submission runs under."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MIB = 2**20
OPEN_FILES = 1024  # at a time, in one process: as most systems have it


class Limits(BaseModel):
    """Limits per submission; `[limits]` in course.toml sets them.

    Attributes:
        cell_seconds: Time of one cell: wall time, less what it waited for processors that others had (`RunClock`).
        total_seconds: The same of the whole notebook; the checks' questions have as long again.
        memory_mib: Private memory of one process, and (where a cgroup can be had) of all of them together.
        processes: Processes and threads at a time.
        file_mib: Size of one file.
        disk_mib: Size of everything written: working folder, /tmp and /dev/shm together.
        files: Number of files.
        output_kib: Text and pictures one cell may show; more is cut off.
        message_mib: Size of one message from the kernel; a larger one ends it.
        threads: Threads of TensorFlow's and BLAS's pools. A constant, because results depend on it in the last bits.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    cell_seconds: Annotated[float, Field(gt=0)] = 30.0
    total_seconds: Annotated[float, Field(gt=0)] = 300.0
    memory_mib: Annotated[int, Field(ge=256)] = 3072
    processes: Annotated[int, Field(ge=32)] = 256
    file_mib: Annotated[int, Field(ge=1)] = 256
    disk_mib: Annotated[int, Field(ge=8)] = 512
    files: Annotated[int, Field(ge=100)] = 20_000
    output_kib: Annotated[int, Field(ge=4)] = 1024
    message_mib: Annotated[int, Field(ge=1)] = 64
    threads: Annotated[int, Field(ge=1)] = 1

    def rlimits(self, alone: bool = True) -> dict[str, int]:
        """The part the kernel enforces per process, by RLIMIT name.

        DATA counts private writable memory and gives a clean MemoryError; AS would count CUDA's reservations too.

        Args:
            alone: Whether the processes have a user to themselves: NPROC counts whatever else that user runs.
        """
        return {
            "DATA": self.memory_mib * MIB,
            **({"NPROC": self.processes} if alone else {}),
            "FSIZE": self.file_mib * MIB,
            "NOFILE": OPEN_FILES,
            "CORE": 0,
        }
