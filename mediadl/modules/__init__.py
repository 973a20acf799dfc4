"""Platforms and engine adapters: one file or folder each."""
