"""Reports: result records and notebooks to HTML pages that are safe to open."""

from autograder.reports.feedback import render_feedback
from autograder.reports.files import ReportPaths, write_reports
from autograder.reports.overview import render_overview
from autograder.reports.places import page_link, page_path

__all__ = ["ReportPaths", "page_link", "page_path", "render_feedback", "render_overview", "write_reports"]
