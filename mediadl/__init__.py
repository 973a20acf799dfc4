"""mediadl: one queue for everything worth keeping."""

__version__ = "0.1.0"
