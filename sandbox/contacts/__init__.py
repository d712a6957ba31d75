"""The address book: departments (A/0081 ff), people (A/0056 ff), the data scope (A/0053). None of it is counted."""

from sandbox.contacts.departments import OPERATIONS as DEPARTMENTS
from sandbox.contacts.users import OPERATIONS as USERS

OPERATIONS = (*DEPARTMENTS, *USERS)

__all__ = ["OPERATIONS"]
