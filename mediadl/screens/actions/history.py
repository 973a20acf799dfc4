"""What can be done on the History screen and in its dialogs."""

from __future__ import annotations

from collections.abc import Iterable

from mediadl.screens.actions.model import Action, Group, Scope, moves


def _history() -> Iterable[Action]:
    def action(name: str, label: str, text: str, *keys: str, group: Group, weight: int = 0) -> Action:
        return Action(name, label, text, keys, Scope.HISTORY, group, weight)

    files, select, view, move = Group.FILES, Group.SELECT, Group.VIEW, Group.MOVE
    yield action("details", "Details", "Show everything known about the file, and the job that fetched it.", "enter",
                 group=files, weight=3)  # fmt: skip
    yield action("open", "Open", "Show the file with the desktop's program; without a desktop, here.", "o",
                 group=files, weight=4)  # fmt: skip
    yield action("folder", "Open folder", "Show its folder on the desktop; without one, copy the path.", "O",
                 group=files, weight=12)  # fmt: skip
    yield action("picture", "Picture", "Show the picture, or a frame of the film, in this window.", "i",
                 group=files, weight=10)  # fmt: skip
    yield action(
        "copy", "Copy link", "Copy the address of the page to the clipboard.", "y", group=files, weight=13
    )
    yield action("copy_path", "Copy path", "Copy the path of the file to the clipboard.", "Y", group=files)
    yield action("delete", "Delete", "Delete files, their records, or both, after one question.", "d", "delete",
                 group=files, weight=6)  # fmt: skip
    yield action("again", "Download again", "Fetch its page once more, whatever was fetched before.", "r",
                 group=files, weight=8)  # fmt: skip
    yield action(
        "add", "Add", "Add one or many addresses; pasting one anywhere does the same.", "a", group=files
    )
    yield action("export", "Export", "Write the list as it is filtered into a new CSV or JSON file.", "e",
                 group=files, weight=14)  # fmt: skip
    yield action("mark", "Mark", "Mark or unmark the file and go on.", "space", group=select, weight=9)
    yield action("mark_range", "Range", "Begin a range here; again to take it.", "v", group=select)
    yield action("mark_all", "All/none", "Mark every file of the list, or none.", "*", group=select)
    yield action(
        "filter", "Search", "Show only files with these words, while you type.", "/", group=view, weight=5
    )
    yield action("next_kind", "Type", "Show the next type that has files.", "f", group=view, weight=11)
    yield action("previous_kind", "Type back", "Show the type before.", "F", group=view)
    yield action(
        "narrow", "Filters", "Choose platform, source, time or size from a menu.", "m", group=view, weight=7
    )
    yield action("platform", "Platform", "Show only the files of one platform.", "p", group=view)
    yield action("source", "Source", "Show only the files of one account, channel or host.", "c", group=view)
    yield action("when", "Time", "Show only what was stored in a span of time.", "w", group=view)
    yield action("size", "Size", "Show only files of some size.", "z", group=view)
    yield action("sort", "Sort", "Choose the order.", "s", group=view, weight=12)
    yield action("reverse", "Reverse", "Turn the order round.", "S", group=view)
    yield action("switch", "List/gallery", "Show the same files as a list or as pictures.", "tab", "t",
                 group=view, weight=4)  # fmt: skip
    yield action("larger", "Larger", "Make the pictures of the gallery larger.", "+", "=", group=view)
    yield action("smaller", "Smaller", "Make the pictures of the gallery smaller.", "-", group=view)
    yield action(
        "back", "Back", "One step back: range, marks, words, filters; never quits.", "escape", group=view
    )
    yield from moves(Scope.HISTORY, "file")
    yield action("left", "Left", "The picture before, in the gallery.", "left", "h", group=move)
    yield action("right", "Right", "The next picture, in the gallery.", "right", "l", group=move)


def _dialogs() -> Iterable[Action]:
    def action(
        scope: Scope,
        name: str,
        label: str,
        text: str,
        *keys: str,
        weight: int = 0,
        group: Group = Group.FILES,
    ) -> Action:
        return Action(name, label, text, keys, scope, group, weight)

    file, delete = Scope.FILE, Scope.DELETE_FILES
    yield action(file, "close", "Close", "Back to the list.", "escape", "enter", "q", weight=1)
    yield action(file, "open", "Open", "Show the file with the desktop's program.", "o", weight=2)
    yield action(file, "folder", "Folder", "Show its folder on the desktop.", "O", weight=6)
    yield action(file, "picture", "Picture", "Show the picture in this window.", "i", weight=5)
    yield action(file, "copy", "Copy link", "Copy the address of the page.", "y", weight=3)
    yield action(file, "copy_path", "Copy path", "Copy the path of the file.", "Y", weight=4)
    yield action(file, "copy_hash", "Copy hash", "Copy the SHA-256 of the file.", "x", weight=10)
    yield action(file, "job", "Job", "Show the job that fetched it.", "b", weight=7)
    yield action(file, "again", "Download again", "Fetch its page once more.", "r", weight=8)
    yield action(file, "delete", "Delete", "Delete the file, its record, or both.", "d", "delete", weight=9)
    yield action(file, "scroll_down", "Down", "One line down.", "j", "down", group=Group.MOVE)
    yield action(file, "scroll_up", "Up", "One line up.", "k", "up", group=Group.MOVE)
    yield action(delete, "confirm", "Delete", "Do what is chosen.", "enter", weight=1)
    yield action(delete, "close", "Keep", "Leave everything as it is.", "escape", "n", weight=2)
    yield action(delete, "next", "Next choice", "What is to go.", "j", "down", "tab", weight=3)
    yield action(delete, "previous", "Choice before", "What is to go.", "k", "up", "shift+tab")
    yield action(delete, "both", "File and record", "Delete files and records.", "b")
    yield action(delete, "record", "Record only", "Keep the files; can be undone.", "r")
    yield action(delete, "file", "File only", "Keep the records.", "f")
    yield action(
        delete,
        "forget",
        "Fetch again?",
        "Let the same media be fetched again, or not.",
        "a",
        "space",
        weight=4,
    )


ACTIONS: tuple[Action, ...] = (*_history(), *_dialogs())
