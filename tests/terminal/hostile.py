"""Strings that try to be more than text, and how the screen shows that they are not."""

from __future__ import annotations

from rich.cells import cell_len

HOSTILE = {
    "click": "[@click=app.leave]press me[/]",
    "close": "[/] and [/bold] and [",
    "osc52": "a\x1b]52;c;aGFja2Vk\x1b\\b",
    "osc8": "a\x1b]8;;http://evil.example\x07link\x1b]8;;\x07b",
    "c1": "a\x9b31mred\x9d52;c;eA==\x9cb",
    "bidi": "invoice\u202egpj.exe\u2066x\u2069",
    "newlines": "one\ntwo\r\nthree\ttab\x0bfour",
    "zalgo": "e" + "\u0301" * 200 + "vil",
    "wide": "漢字" * 60 + "🎉" * 20,
    "tags": "a\U000e0041\U000e0042b\u200bc\ufeffd",
    "long": "x" * 5000,
    "surrogate": "a\ud800b",
    "markup": "[bold red]not red[/bold red] [link=http://x]y[/link] $error",
    "empty": "",
    "blank": " \u3000 ",
}
BAD = [chr(n) for n in (*range(32), 127, *range(0x80, 0xA0), 0x202E, 0x2066, 0x2069, 0x200B, 0xFEFF)]


def assert_harmless(lines: list[str], width: int) -> None:
    """No control is in the lines, and none is wider than the window."""
    for line in lines:
        assert cell_len(line) <= width
        for character in BAD:
            assert character not in line, (repr(character), line)
