"""Why a file isn't taken."""

from hr_core.errors import HRError


class AttachmentRefused(HRError):
    """A file that we don't open. `reason` names the check it failed, for logs: nothing of what is in it."""

    def __init__(self, code: str, reason: str, **values: object) -> None:
        super().__init__(**values)
        self.code = f"attachment.{code}"
        self.reason = reason
