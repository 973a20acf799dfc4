"""The whole program against the simulated web."""
