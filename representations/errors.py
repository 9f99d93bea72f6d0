"""What can be wrong with what is given to a method."""

from __future__ import annotations


class RepresentationError(ValueError):
    """Something in the input can't be worked with; the message says where, what was found and what was expected."""


class NotEnough(RepresentationError):
    """There is too little for the method to say anything.

    Attributes:
        missing: what there is too little of, and how much was found.
        enough: what would be enough.
    """

    def __init__(self, missing: str, enough: str) -> None:
        super().__init__(f"{missing} Enough would be: {enough}.")
        self.missing = missing
        self.enough = enough
