"""Takes people and departments over from the directory of record."""
