"""Reports: result records and notebooks to pages and tables that are safe to open."""

from autograder.reports.class_files import ClassPages, write_class_pages
from autograder.reports.class_page import ClassLinks, render_class
from autograder.reports.drawn import notebooks_digest
from autograder.reports.feedback import render_feedback
from autograder.reports.files import ReportPaths, write_reports, write_whole
from autograder.reports.graded_work import executed_notebooks, executed_paths, titles_of
from autograder.reports.marks_table import render_marks
from autograder.reports.overview import render_overview
from autograder.reports.places import page_link, page_path
from autograder.reports.transcript import CourseFacts, render_transcript
from autograder.spreadsheet import render_table

__all__ = [
    "ClassLinks",
    "ClassPages",
    "CourseFacts",
    "ReportPaths",
    "executed_notebooks",
    "executed_paths",
    "notebooks_digest",
    "page_link",
    "page_path",
    "render_class",
    "render_feedback",
    "render_marks",
    "render_overview",
    "render_table",
    "render_transcript",
    "titles_of",
    "write_class_pages",
    "write_reports",
    "write_whole",
]
