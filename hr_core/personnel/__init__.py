"""The personnel file (员工档案): what a newcomer tells about themselves in small steps, kept sealed."""
