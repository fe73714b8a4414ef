"""Ports for telephones and exchanges: nobody else has them, and given again only when they were given back."""

import socket

import pytest

from devtools.telephone import free_ports
from devtools.telephone.free_ports import free_block, free_port, give_back


@pytest.fixture(autouse=True)
def share(monkeypatch: pytest.MonkeyPatch) -> range:
    """A small share of the ports, none of which was given before."""
    first = free_block(300)
    give_back(first, 300)
    place = range(first, first + 300)
    monkeypatch.setattr(free_ports, "_SMALL", place)
    monkeypatch.setattr(free_ports, "_given", set())
    monkeypatch.setattr(free_ports, "_next", {place: first + 150})
    return place


def test_blocks_of_different_sizes_fill_the_share_and_no_port_is_given_twice(share: range) -> None:
    given: list[int] = []
    for _ in range(len(share) // 43 - 1):
        for size in (2, 40, 1):
            first = free_block(size)
            given += range(first, first + size)
    assert len(set(given)) == len(given)
    assert set(given) <= set(share)


def test_when_all_are_given_it_says_so_and_what_was_given_back_is_given_again(share: range) -> None:
    every = {free_port() for _ in share}
    assert every == set(share)
    with pytest.raises(RuntimeError, match="no free ports"):
        free_port()
    give_back(share.start + 7)
    assert free_port() == share.start + 7


def test_a_port_that_somebody_has_is_left_alone(share: range) -> None:
    with socket.create_server(("127.0.0.1", share.start + 150)):
        assert free_port() == share.start + 151
