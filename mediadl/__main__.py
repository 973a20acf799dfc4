"""`mediadl` and `python -m mediadl`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        # Asked by scripts again and again: answered before anything is imported
        from mediadl import __version__

        sys.stdout.write(f"mediadl {__version__}\n")
        sys.exit(0)
    if not arguments and sys.stdin.isatty() and sys.stdout.isatty():
        from mediadl.cli.start import guarded, open_screens

        sys.exit(guarded(open_screens))
    if arguments[:1] == ["add"]:
        from mediadl.cli.adding import add_plain, is_plain

        if is_plain(arguments[1:]):
            from mediadl.cli.start import guarded

            sys.exit(guarded(lambda: add_plain(arguments[1:])))
    from mediadl.cli.root import main as run

    sys.exit(run(arguments))


if __name__ == "__main__":
    main()
