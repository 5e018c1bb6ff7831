"""Who is let in while more is asked than can be answered."""

from contextlib import ExitStack

from webapp.server.front.door import LATE_S, Door


def fill(door: Door, client: str, inside: ExitStack) -> int:
    """Let as many requests of a client in as there may be, and count them."""
    entered = 0
    while entered < 1_000 and door.is_open_to(client):
        door.enter(client)
        inside.callback(door.leave, client)
        entered += 1
    return entered


def test_one_client_alone_has_all_places_and_others_still_come_in() -> None:
    door = Door(100, fewest=10)
    with ExitStack() as inside:
        assert fill(door, "flood", inside) == 100
        assert [fill(door, f"other {number}", inside) for number in range(3)] == [50, 33, 25]


def test_whoever_comes_anew_is_let_in_once_however_many_there_are() -> None:
    door = Door(100, fewest=10)
    with ExitStack() as inside:
        for number in range(500):
            assert fill(door, f"client {number}", inside) >= 1
        assert fill(door, "client 3", inside) == 0


def test_places_are_given_back() -> None:
    door = Door(100, fewest=10)
    for _ in range(2):
        with ExitStack() as inside:
            assert fill(door, "one", inside) == 100
            assert fill(door, "two", inside) == 50


def test_t67_there_are_fewer_places_while_the_event_loop_is_late_and_more_again_afterwards() -> None:
    door = Door(100, fewest=10)
    for _ in range(20):
        door.look(LATE_S * 2)
    with ExitStack() as inside:
        assert fill(door, "flood", inside) == 10
        assert fill(door, "other", inside) == 5
    for _ in range(200):
        door.look(0.0)
    with ExitStack() as inside:
        assert fill(door, "flood", inside) == 100
