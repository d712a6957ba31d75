"""A month's sheet as the accountant makes it: read into cells, its columns understood, every row checked.

Pure, values in and values out; what takes the processor (`read_sheet`, `annotated`) can run in a child process.
"""

from hr_core.payslip.sheet.annotate import annotated
from hr_core.payslip.sheet.check import Checked, Known, Problem, check
from hr_core.payslip.sheet.columns import Column, Layout, Meaning, layout_of
from hr_core.payslip.sheet.reading import Sheet, SheetUnreadable, read_sheet

__all__ = [
    "Checked",
    "Column",
    "Known",
    "Layout",
    "Meaning",
    "Problem",
    "Sheet",
    "SheetUnreadable",
    "annotated",
    "check",
    "layout_of",
    "read_sheet",
]
