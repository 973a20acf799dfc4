"""The process behind one browser tab: shows its ticket, then the same screens as in a terminal.

Its first line on the pipe is the ticket; what follows are textual-serve's packets. It exits with 3 without a ticket
that is good, before anything of the user's is read.
"""

from __future__ import annotations

import os
import sys

NO_TICKET = 3
PARENT_VARIABLE = "MEDIADL_WEB_SERVER"
"""Names the process id of the server."""

_MOST_BYTES = 4096


def main() -> int:
    """Run until the user leaves, the server ends it, or the server is gone; the exit code."""
    incoming, outgoing = _shield()
    from mediadl.web.parent_watch import die_with_parent

    parent = os.environ.pop(PARENT_VARIABLE, "")
    if not parent.isdecimal() or not die_with_parent(int(parent)):
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
    """Move the packets' pipes away from 0 and 1: nothing that prints or reads by habit can disturb them."""
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
    sys.exit(main())
