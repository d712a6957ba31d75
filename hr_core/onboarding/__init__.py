"""Hiring: from HR's sentence to the first day, as a chain of steps that survives a crash and can be taken back."""
