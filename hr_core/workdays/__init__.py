"""Which days are worked: the State Council's calendar of each year as data, and the counting of leave over it."""
