"""Does the grader grade right? Variants of a lab's solution that must lose marks, and others that must not."""

from autograder.audit.audit import Plan, audit_lab
from autograder.audit.calibration_command import CalibrateOptions, calibrate_and_show
from autograder.audit.command import AuditOptions, audit_and_show
from autograder.audit.evidence import points_by_evidence, require_evidence
from autograder.audit.examine import Examination
from autograder.audit.judgement import problems_of
from autograder.audit.laboratory import WHOLE, Laboratory, Part, Trial
from autograder.audit.slots import Slots
from autograder.audit.variants import (
    Variant,
    apply_variant,
    load_variants,
    reference_cells,
    reference_variant,
    replaced,
    right,
    untouched_variant,
    wrong,
)

__all__ = [
    "WHOLE",
    "AuditOptions",
    "CalibrateOptions",
    "Examination",
    "Laboratory",
    "Part",
    "Plan",
    "Slots",
    "Trial",
    "Variant",
    "apply_variant",
    "audit_and_show",
    "audit_lab",
    "calibrate_and_show",
    "load_variants",
    "points_by_evidence",
    "problems_of",
    "reference_cells",
    "reference_variant",
    "replaced",
    "require_evidence",
    "right",
    "untouched_variant",
    "wrong",
]
