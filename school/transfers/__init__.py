"""Students who go to another school of the platform, and what comes along with them."""

from school.transfers.admitting import admit
from school.transfers.brought import Brought, BroughtTerm, brought
from school.transfers.offering import Offered, offer, offered, on_the_way, withdraw

__all__ = ["Brought", "BroughtTerm", "Offered", "admit", "brought", "offer", "offered", "on_the_way", "withdraw"]
