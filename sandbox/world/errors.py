"""What a phone or an administrator can't do."""


class Refused(Exception):
    """It can't be done in DingTalk either; the text says why."""
