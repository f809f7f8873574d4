"""The course's secret: what nobody outside can foresee, and yet the same submission gets the same questions for."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from autograder.errors import UsageError

SECRET_FILE = ".autograder-secret"  # noqa: S105 - a file name
SECRET_BYTES = 32


def course_secret(root: Path) -> bytes:
    """Read the secret of the course at `root`; made at random, for its owner's eyes only, when there is none yet.

    Whoever grades the course elsewhere takes the file along: another secret draws other questions.

    Raises:
        UsageError: The file cannot be read or made, or holds no secret.
    """
    path = root / SECRET_FILE
    try:
        if not path.exists():
            _make(path)
        text = path.read_text(encoding="ascii").strip()
        secret = bytes.fromhex(text)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"expected the course's secret ({2 * SECRET_BYTES} hexadecimal digits, made when something is graded, or a "
            f"quiz released, for the first time) in {path}, "
            f"received {type(error).__name__}: {error}; permit it, or restore the file from a backup"
        ) from error
    if len(secret) < SECRET_BYTES:
        raise UsageError(
            f"expected {2 * SECRET_BYTES} hexadecimal digits in {path}, found {len(text)}; restore the file from a "
            "backup, or remove it to have a new one made (submissions are then asked other questions)"
        )
    return secret


def submission_seed(secret: bytes, course_id: str, assignment: str, content: str) -> str:
    """What every random number of one submission's grading follows from, as hexadecimal digits.

    Args:
        secret: The course's secret.
        course_id: The course's id.
        assignment: The assignment's name.
        content: A digest of what the submission consists of.
    """
    return hmac.new(secret, f"{course_id}/{assignment}/{content}".encode(), hashlib.sha256).hexdigest()


def _make(path: Path) -> None:
    """Put a new secret in place whole, so that two graders that start at once agree on one."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(SECRET_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another grader was faster; a rename would replace its secret
            os.link(temporary, path)
    finally:
        temporary.unlink()
