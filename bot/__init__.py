"""The running process: the only room that talks to DingTalk or to the clock."""
