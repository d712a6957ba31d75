"""Encryption at rest: what is sensitive is sealed before it reaches a table, under keys kept outside the database.

Envelope: each class of data has its own data keys, kept in the table `data_key` wrapped by one master key, which is
never in the database. Only `classes.py` says what belongs to which class.
"""

from hr_core.vault.keys import MasterKeys, WrappedKey, first_keys, key_id, new_key, read_key, read_keys
from hr_core.vault.vault import SealBroken, Vault

__all__ = [
    "MasterKeys",
    "SealBroken",
    "Vault",
    "WrappedKey",
    "first_keys",
    "key_id",
    "new_key",
    "read_key",
    "read_keys",
]
