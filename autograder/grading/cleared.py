"""Which results are not to be used again: a moment for each assignment, which is part of every key made after it.

Results, marks and ledger stay as they are. Their keys are no longer those that grading makes, so that the next run
grades the submissions again. Where the file is lost, keys change once more: they are run again, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from autograder.errors import AutograderError
from autograder.grading.durable import write_durably

CLEARED = ".cleared.json"
MOMENTS = TypeAdapter(dict[str, str])


def read_cleared(results: Path) -> Mapping[str, str]:
    """When the results of each assignment were cleared, of those that ever were.

    Raises:
        AutograderError: The file cannot be read.
    """
    path = results / CLEARED
    try:
        return MOMENTS.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as error:
        raise AutograderError(
            f"expected the moments at which results were cleared in {path}, received {type(error).__name__}; permit "
            "reading it, or remove it: what was graded since a clearing is then run again"
        ) from error


def clear(results: Path, assignments: Iterable[str], now: datetime) -> None:
    """Have the next run grade everything of these assignments again. Only whoever has locked the results may.

    Raises:
        AutograderError: The file cannot be read or written; nothing has changed.
    """
    moments = {**read_cleared(results), **dict.fromkeys(assignments, now.isoformat())}
    path = results / CLEARED
    try:
        write_durably(path, (json.dumps(moments, indent=1, ensure_ascii=False) + "\n").encode())
    except OSError as error:
        raise AutograderError(
            f"expected to write {path}, received {error}; free space or permit it, then run the same command again: "
            "nothing was changed"
        ) from error
