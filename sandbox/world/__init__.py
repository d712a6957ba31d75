"""Everything this DingTalk knows. `World` is the door: state as attributes, a phone's operations as methods."""

from sandbox.world.app import App
from sandbox.world.cards import Card, Template
from sandbox.world.chats import ROBOT, Conversation, Message
from sandbox.world.clock import CHINA, Clock
from sandbox.world.company import Company, Group
from sandbox.world.directory import Department, User
from sandbox.world.errors import Refused
from sandbox.world.feed import Change, Feed
from sandbox.world.files import StoredFile
from sandbox.world.stream import Timing
from sandbox.world.taps import Outcome
from sandbox.world.wire import Entry
from sandbox.world.world import World

__all__ = [
    "CHINA",
    "ROBOT",
    "App",
    "Card",
    "Change",
    "Clock",
    "Company",
    "Conversation",
    "Department",
    "Entry",
    "Feed",
    "Group",
    "Message",
    "Outcome",
    "Refused",
    "StoredFile",
    "Template",
    "Timing",
    "User",
    "World",
]
