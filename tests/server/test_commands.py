"""Commands are carried out by one tab, once, or not at all."""

import asyncio

import pytest
from ulid import ULID

from runtrack_jupyter.errors import ClaimedError, NotFoundError
from runtrack_jupyter.server.commands import Commands
from runtrack_jupyter.server.messages import Command
from tests.server.asking import Ask


class Clock:
    """A clock that goes on when told."""

    def __init__(self) -> None:
        self.now = ULID().timestamp

    def __call__(self) -> float:
        return self.now


def a_command(path: str = "a.ipynb") -> Command:
    return Command(command_id=str(ULID()), kind="restore-document", path=path, id=str(ULID()))


def test_the_second_to_claim_a_command_is_refused() -> None:
    """Two tabs of one notebook would otherwise both replace the document."""
    commands, command = Commands(), a_command()
    commands.post(command)
    commands.claim(command.command_id)

    with pytest.raises(ClaimedError):
        commands.claim(command.command_id)


def test_a_command_that_only_a_kernel_announced_can_be_claimed_once() -> None:
    """The kernel cannot reach the server: it announces the command to its tabs, which claim it here."""
    commands, command_id = Commands(), str(ULID())
    commands.claim(command_id)

    with pytest.raises(ClaimedError):
        commands.claim(command_id)


def test_a_command_is_not_carried_out_after_a_minute() -> None:
    """A tab opened an hour later must not change the document under its user."""
    clock = Clock()
    commands, command = Commands(clock), a_command()
    commands.post(command)
    clock.now += 61

    assert commands.waiting(command.path) == []
    with pytest.raises(NotFoundError):
        commands.claim(command.command_id)


@pytest.mark.parametrize("later", [61, 121, 100_000])
def test_a_command_cannot_be_claimed_again_once_it_is_forgotten(later: int) -> None:
    """Its id carries its time, so that what was forgotten does not look like something new."""
    clock = Clock()
    commands, command = Commands(clock), a_command()
    commands.post(command)
    commands.claim(command.command_id)
    clock.now += later

    with pytest.raises((ClaimedError, NotFoundError)):
        commands.claim(command.command_id)


def test_commands_wait_for_the_tab_of_their_notebook_only() -> None:
    commands, command = Commands(), a_command("a.ipynb")
    commands.post(command)

    assert commands.waiting("b.ipynb") == []
    assert commands.waiting("a.ipynb") == [command]


def test_posting_a_command_again_does_not_free_it() -> None:
    """A client that repeats a request after a broken connection must not cause a second restore."""
    commands, command = Commands(), a_command()
    commands.post(command)
    commands.claim(command.command_id)
    commands.post(command)

    assert commands.waiting(command.path) == []
    with pytest.raises(ClaimedError):
        commands.claim(command.command_id)


def test_thousands_of_commands_do_not_fill_the_memory() -> None:
    commands = Commands()
    for _ in range(3000):
        commands.post(a_command())

    assert len(commands.waiting("a.ipynb")) <= 1001


async def test_of_two_clients_that_claim_at_once_one_gets_the_command(ask: Ask) -> None:
    command = {"command_id": str(ULID()), "kind": "restore-document", "path": "a.ipynb", "id": str(ULID())}
    assert (await ask("POST", "/commands", body=command)).status == 202
    claims = await asyncio.gather(
        *(ask("POST", f"/commands/{command['command_id']}/claim") for _ in range(2))
    )

    assert sorted(claim.status for claim in claims) == [200, 409]
    assert {claim.kind for claim in claims if claim.status == 409} == {"claimed"}
    assert (await ask("POST", f"/commands/{command['command_id']}/acknowledge")).status == 204


async def test_acknowledging_what_nobody_asked_for_is_not_found(ask: Ask) -> None:
    reply = await ask("POST", f"/commands/{ULID()}/acknowledge")

    assert (reply.status, reply.kind) == (404, "not-found")


@pytest.mark.parametrize("change", [{"command_id": "x"}, {"path": "../a.ipynb"}, {"kind": "rm"}, {"id": 3}])
async def test_a_malformed_command_is_refused(ask: Ask, change: dict[str, object]) -> None:
    command = {"command_id": str(ULID()), "kind": "restore-document", "path": "a.ipynb", "id": "x"}
    reply = await ask("POST", "/commands", body=command | change)

    assert (reply.status, reply.kind) == (400, "usage")
