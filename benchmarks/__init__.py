"""Timing: the product beside its references in the same run."""
