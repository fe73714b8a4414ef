"""Script names of the dialplan (`agi://host/<name>`) -> dialogues."""

from collections.abc import Mapping

from agi.conversation import Dialogue
from agi.dialogue.inbound import inbound
from agi.dialogue.recording import recording

DIALOGUES: Mapping[str, Dialogue] = {"inbound": inbound, "recording": recording}
