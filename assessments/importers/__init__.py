"""Questionnaires from other programs' files and back. Pure: the parts work on what an instrument's file holds.

Nothing is dropped in silence: whatever one side has no word for is a `Loss`, and a file that can't be read is refused
whole with all its faults.
"""
