"""The command line: one file per noun; never imports Textual unless it opens the TUI."""
