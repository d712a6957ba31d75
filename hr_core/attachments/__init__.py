"""Files people send, looked at before anything opens them: workbooks (`workbook.py`) and pictures (`picture.py`).

Each check takes bytes and gives what may be used, or raises `AttachmentRefused`; nothing is written to disk, nothing
in a file is followed, and no name in it is used as a path.
"""

from hr_core.attachments.picture import Picture, read_picture
from hr_core.attachments.refused import AttachmentRefused
from hr_core.attachments.workbook import check_workbook

__all__ = ["AttachmentRefused", "Picture", "check_workbook", "read_picture"]
