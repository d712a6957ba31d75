"""What was done, by whom, on whom, and what was refused."""
