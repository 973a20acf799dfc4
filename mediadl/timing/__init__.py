"""Moments and rules: when something is due, in which hours, in which time zone. Pure."""
