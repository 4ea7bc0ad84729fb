"""What was found and what was decided, for people and for programs."""

from .confusion import confusion_frame, write_confusion
from .html import report_html, write_report
from .preview import preview_picture, write_preview
from .tables import write_table

__all__ = [
    "confusion_frame",
    "preview_picture",
    "report_html",
    "write_confusion",
    "write_preview",
    "write_report",
    "write_table",
]
