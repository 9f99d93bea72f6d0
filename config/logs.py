"""Log lines that name no person and open no door: one line an event, and where there is one, a traceback below."""

import logging
import re
import traceback
from types import TracebackType

# Who holds such an address is signed in by it. No slug or id is as long as a token.
_TOKEN = re.compile(r"(/(?:p|link)/|/(?=[A-Za-z0-9_-]{32}))[^/\s?\"'>]+")
_QUERY = re.compile(r"(/[^\s?\"']*)\?[^\s\"'>]+")
_ADDRESS = re.compile(r"[^\s@<>\"'(),;:=/]+@[^\s@<>\"'(),;:=/]+")
_BEARER = re.compile(r"(Bearer\s+)\S+", re.IGNORECASE)
_HIDDEN = "[hidden]"

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class PrivateFormatter(logging.Formatter):
    """Formats a record without tokens, query strings, addresses and control characters.

    An error is told by its type and the places in the code that it came through. Its message is left out, because a
    database puts the values of a row there; `show_messages_of_errors` brings it back for someone at work on the
    product.
    """

    def __init__(self, *, show_messages_of_errors: bool = False) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self.show_messages_of_errors = show_messages_of_errors

    def format(self, record: logging.LogRecord) -> str:
        """The record's text, ready to be written."""
        record.message = without_private(record.getMessage())
        record.asctime = self.formatTime(record, self.datefmt)
        line = self.formatMessage(record)
        # A record's cached exc_text is another formatter's, messages and all.
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the name is logging's
        """The error and what it came from, the first cause first."""
        chain: list[BaseException] = []
        error = ei[1]
        while error is not None and error not in chain:
            chain.append(error)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(self._told(error) for error in reversed(chain))

    def _told(self, error: BaseException) -> str:
        places = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
        name = f"{type(error).__module__}.{type(error).__qualname__}"
        return f"{places}{name}" + (f": {without_private(str(error))}" if self.show_messages_of_errors else "")


def without_private(text: str) -> str:
    """The text with tokens, query strings and addresses hidden, and what can't be printed escaped."""
    text = _BEARER.sub(rf"\1{_HIDDEN}", _TOKEN.sub(rf"\1{_HIDDEN}", text))
    text = _ADDRESS.sub(_HIDDEN, _QUERY.sub(rf"\1?{_HIDDEN}", text))
    # A line break in a path would let a visitor write log lines of their own.
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
