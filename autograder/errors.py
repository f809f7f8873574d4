"""Every exception of the package.

AutograderError                 a grader fault or wrong usage; one line for whoever runs the command
├── UsageError                  what was asked for does not exist or does not fit (exit code 2)
├── AuthoringError              a lab.py that does not make a valid assignment
├── LeakError                   a release that would show students what is hidden
├── SandboxError                the sandbox cannot do its work
│   ├── SandboxUnavailable      no sandbox on this machine: nothing is graded
│   └── SlotLost                a slot died or stopped answering (never the student's fault)
├── ClusterError                a Dask cluster that cannot be reached, or may not judge
├── CheckError                  a checks.py that cannot be used
├── CollectError                an archive of submissions that cannot be taken
├── PublishError                a release or feedback that cannot be put where students get it
└── GradebookError              nbgrader's gradebook cannot be read or written

Failure                         a check says no: the student's work is wrong, with a message and a hint
└── StudentFault                the student's process raised, hung, died or broke a limit
    └── NotThere                it has nothing of the kind that was asked for

The two trees share no ancestor but Exception, so that no `except` takes one for the other.
"""

from __future__ import annotations


class AutograderError(Exception):
    """A fault of the grader, its set-up or its usage; the message says expected, received, what to do."""


class UsageError(AutograderError):
    """What the command was asked for does not exist or does not fit."""


class AuthoringError(AutograderError):
    """A `lab.py` that cannot be made into a valid nbgrader notebook."""


class LeakError(AutograderError):
    """A release that contains a solution, a hidden check, hidden data or an instructor's path."""


class SandboxError(AutograderError):
    """The sandbox cannot do its work."""


class SandboxUnavailable(SandboxError):
    """No working sandbox on this machine; the message says what to install or enable."""


class SlotLost(SandboxError):
    """A slot died or stopped answering; the submission it held is graded again elsewhere."""


class ClusterError(AutograderError):
    """A Dask cluster that cannot be reached, or whose workers may not judge; what was graded stays graded."""


class CheckError(AutograderError):
    """A `checks.py` that cannot be loaded or is inconsistent with its lab."""


class CollectError(AutograderError):
    """An archive of submissions that cannot be taken at all."""


class PublishError(AutograderError):
    """A release or a feedback page that cannot be put where students get it."""


class GradebookError(AutograderError):
    """nbgrader's gradebook cannot be read or written."""


class Failure(Exception):
    """A check's "no": the student's work does not do what the check's sentence says.

    Args:
        message: What was expected and what was received. Never hidden data.
        hint: What to try next; shown to the student below the message.
        fraction: The share of the check that was earned all the same, from 0 up to, not including, 1.
    """

    def __init__(self, message: str, hint: str = "", fraction: float = 0.0) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.fraction = fraction


class StudentFault(Failure):
    """The student's process raised an exception, ran out of time or memory, or died.

    Args:
        message: What was expected and what was received; may quote the student's process.
        hint: What to try next.
        untold: The same without a word of the student's process, where `message` quotes it: an exception's text may
            carry the hidden data the process was just asked about.
    """

    def __init__(self, message: str, hint: str = "", untold: str = "") -> None:
        super().__init__(message, hint)
        self.untold = untold or message


class NotThere(StudentFault):
    """The student's process has nothing of the kind that was asked for."""
