"""Runs worked examples through the rules, without a database: for what-if questions and for acceptance."""

from hr_core.vectors.run import BadDocument, run

__all__ = ["BadDocument", "run"]
