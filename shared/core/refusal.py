"""Why a request is refused: one small tree, each leaf with its HTTP status.

Law: the text is short, names what is wrong, and never repeats what was sent (Flux copies it into its log).
"""

from __future__ import annotations


class Refused(Exception):
    """The request is wrong and will not get better by sending it again."""

    status = 400


class Unsigned(Refused):
    """The signature is missing or wrong."""

    status = 401


class UnknownPath(Refused):
    """There is no such kind of cluster."""

    status = 404


class TooLarge(Refused):
    """The body is over the limit."""

    status = 413


class NotJson(Refused):
    """The body is declared to be something other than plain JSON."""

    status = 415
