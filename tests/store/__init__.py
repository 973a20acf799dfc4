"""Tests of the rooms that speak SQL."""
