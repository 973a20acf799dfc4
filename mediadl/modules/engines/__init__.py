"""Adapters to the engines. Only runner children import what lies here, except `faults`, which imports no engine."""
