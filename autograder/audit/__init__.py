"""Does the grader grade right? Variants of a lab's solution that must lose marks, and others that must not."""

from autograder.audit.evidence import points_by_evidence, require_evidence
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
    "Variant",
    "apply_variant",
    "load_variants",
    "points_by_evidence",
    "reference_cells",
    "reference_variant",
    "replaced",
    "require_evidence",
    "right",
    "untouched_variant",
    "wrong",
]
