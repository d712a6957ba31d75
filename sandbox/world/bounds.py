"""How much is kept before the oldest goes, so that a sandbox that runs for weeks stays as large as it is."""

WIRE = 5_000
"""Entries of the wire."""
PUSHES = 20_000
"""Frames that can be acknowledged or sent again."""
REPEATED = 20_000
"""Frames at once that wait for their ack to be sent again; what comes on top isn't sent again."""
MESSAGES = 50_000
"""Chat messages in all conversations together."""
CARDS = 50_000
SESSIONS = 100_000
"""Session webhooks."""
CODES = 100_000
"""Download codes."""
FILE_BYTES = 512 * 1024 * 1024
CHANGES = 1_000
"""Changes that a reader of the feed may lag behind."""
