"""The robot's own web: health, readiness, metrics."""
