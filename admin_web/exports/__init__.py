"""Reports as files: Excel, CSV and PDF, and the chart as an image."""

from admin_web.exports.cells import is_number, text
from admin_web.exports.chart_image import chart_svg, description
from admin_web.exports.csv_file import csv
from admin_web.exports.language import in_readers_language
from admin_web.exports.pdf_file import pdf
from admin_web.exports.xlsx_file import xlsx

__all__ = ["chart_svg", "csv", "description", "in_readers_language", "is_number", "pdf", "text", "xlsx"]
