"""How fast the robot is, measured beside references in the same run: `python -m benchmarks`."""
