"""One terminal: shows its ticket, then the same screens as in a terminal of the machine.

The first line from the server is the ticket; what follows are textual-serve's packets. It ends with 3 without a ticket
that is good, before anything of the user's is read.
"""

from __future__ import annotations

import os
import sys

from mediadl.web.parent_watch import die_with_parent

NO_TICKET = 3

_MOST_BYTES = 4096


def take_ends(packets: int, complaints: int) -> None:
    """Take the server's socket as 0 and 1, and a file as 2."""
    os.dup2(packets, 0)
    os.dup2(packets, 1)
    os.dup2(complaints, 2)


def show_ticket(parent: int) -> int:
    """Run until the user leaves, the server ends it, or the server is gone; the exit code.

    `parent`: the process that started this one.
    """
    incoming, outgoing = _shield()
    if not die_with_parent(parent):
        return NO_TICKET
    ticket = _first_line(incoming)
    from mediadl.paths import Home
    from mediadl.service import Services
    from mediadl.web.ticket import TicketRefused, redeem

    home = Home.locate()
    try:
        session_id = redeem(home, ticket)
    except TicketRefused as refusal:
        sys.stderr.write(f"no terminal: the ticket is {refusal}\n")
        return NO_TICKET
    with Services(home) as services:
        caller = services.logins.still_valid(session_id)
        if caller is None:
            sys.stderr.write("no terminal: the login was revoked\n")
            return NO_TICKET
        from mediadl.web.child_app import show

        return show(services.acting_as(caller), incoming, outgoing)


def _shield() -> tuple[int, int]:
    """Move the packets away from 0 and 1: nothing that prints or reads by habit can disturb them."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return incoming, outgoing


def _first_line(descriptor: int) -> str:
    """Read up to the first line's end and not a byte more."""
    line = bytearray()
    while len(line) < _MOST_BYTES:
        byte = os.read(descriptor, 1)
        if byte in {b"", b"\n"}:
            break
        line += byte
    return line.decode("ascii", "replace")


if __name__ == "__main__":
    sys.exit(show_ticket(os.getppid()))
