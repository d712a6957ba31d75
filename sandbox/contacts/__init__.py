"""The address book: departments (A/0081 ff), people (A/0056 ff), roles, the data scope (A/0053). None is counted."""

from sandbox.contacts.departments import OPERATIONS as DEPARTMENTS
from sandbox.contacts.hire import OPERATIONS as HIRE
from sandbox.contacts.reorganise import OPERATIONS as REORGANISE
from sandbox.contacts.roles import OPERATIONS as ROLES
from sandbox.contacts.search import OPERATIONS as SEARCH
from sandbox.contacts.users import OPERATIONS as USERS

OPERATIONS = (*DEPARTMENTS, *USERS, *SEARCH, *HIRE, *REORGANISE, *ROLES)

__all__ = ["OPERATIONS"]
