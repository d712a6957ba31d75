"""Working life: probation, retirement."""
