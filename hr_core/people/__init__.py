"""Who works here, in which department, under whom: read from the directory of record, effective-dated."""
