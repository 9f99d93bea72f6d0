"""Simulated people and the demo."""
