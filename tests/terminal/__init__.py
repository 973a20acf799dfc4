"""Helpers of the tests that look at the screens: a queue to look at, and the app under a pilot."""
