"""Does the grader grade right? Variants of a lab's solution that must lose marks, and others that must not."""

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
    "reference_cells",
    "reference_variant",
    "replaced",
    "right",
    "untouched_variant",
    "wrong",
]
