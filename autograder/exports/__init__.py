"""Exports: marks to the files that Canvas and Moodle import, and to workbooks."""

from autograder.exports.export import Export, ExportOptions, export_marks
from autograder.exports.gradebook_file import Platform
from autograder.exports.screen import print_export
from autograder.exports.workbook import marks_workbook

__all__ = ["Export", "ExportOptions", "Platform", "export_marks", "marks_workbook", "print_export"]
