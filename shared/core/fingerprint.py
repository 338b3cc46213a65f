"""The text of a failure in; the fingerprint of its cause out, the same on every cluster and for every object of a kind.

Pure: no I/O. Every event passes here, so it is one pass over the words: most are plain and stay, few are looked at.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import batched, islice

VERSION = "fp1"
"""Changes with the rules below. Stored fingerprints of another version are no evidence of another cause."""

MAX_TEXT = 1000
"""Characters that count, of which the pattern shows a quarter: enough of the head for any controller of Flux."""

MAX_OBJECTS = 60
"""Objects of one text whose names are masked in the rest of it."""

_REASONS = (
    "Bad Request|Unauthorized|Forbidden|Not Found|Method Not Allowed|Not Acceptable|Request Timeout|Conflict|Gone"
    "|Unprocessable Entity|Too Many Requests|Internal Server Error|Not Implemented"
    "|Bad Gateway|Service Unavailable|Gateway Time-?out"
)

# What spans words, in order; each runs only where its needle occurs. An HTTP status is meaning: it is marked before numbers go.
_PHRASES = tuple(
    (needle, re.compile(pattern, re.DOTALL), replacement)
    for needle, pattern, replacement in (
        ("<", r"<[^<>]{1,200}>", " "),  # an error page
        ("[", r"\[[A-Z]\w+/[^\]]*(?:\]|\Z)", "[<objects>]"),
        ('"', r'"[^"\n]{0,300}"', "<q>"),
        ("'", r"'(?<!\w')[^'\n]{0,300}'(?!\w)", "<q>"),  # but not the apostrophes of doesn't and couldn't
        ("terminal error: ", r"^(?:terminal error: )+", ""),
        ("chart pull error: ", r"(?:chart pull error: )+", "chart pull error: "),
        ("tatus", r"([sS]tatus(?: ?[cC]ode)?)(?<!exit status)[:=]? ?\{?([1-5]\d\d)\b\}?", r"\1 HTTP\2"),
        ("esponse code", r"([rR]esponse code)[:=]? ?\{?([1-5]\d\d)\b\}?", r"\1 HTTP\2"),
        ("RESPONSE ", r"RESPONSE ([1-5]\d\d)(?:: \1)?\b", r"RESPONSE HTTP\1"),  # Azure SDK for Go
        ("response: ", r"\bresponse: ([1-5]\d\d)\b.*", r"response HTTP\1"),
        ("HTTP", r"HTTP(?:/[\d.]+)? ([1-5]\d\d)\b", r"HTTP\1"),
        ("4", rf"(4\d\d)(?<!\w...) (?=(?:{_REASONS})\b)", r"HTTP\1 "),
        ("5", rf"(5\d\d)(?<!\w...) (?=(?:{_REASONS})\b)", r"HTTP\1 "),
        ("body: ", r"\bbody: .*", "body: <body>"),
        ("response: ", r"\bresponse: .*", "response: <body>"),
        ("://", r"[a-z][a-z0-9+]{0,9}://[^\s'\"<>\]]*[^\s'\"<>\].,:;)]", "<url>"),
        ("->", r"->", " to "),
    )
)

_PUNCTUATION = "()[]{},;='\"|<>:.!?*#_~+-"
_PART = re.compile(r"[^()\[\]{},;='\"|<>]+")
_VARIES = re.compile(r"[0-9/@]")

# A part of a word is replaced by the name of the first group that all of it fits.
_REFERENCES = re.compile(
    r"""(?P<path>\.{0,2}/.+)
    | (?P<obj>[A-Z][A-Za-z0-9]+/[\w.-]+(?:/[\w.:-]+)?)
    | (?P<chart>[\w.-]+@v?\d[\w.+-]*)
    | (?P<ref>.+)  # namespace/name, image, branch, group/version""",
    re.VERBOSE,
)
_VALUES = re.compile(
    r"""(?P<n>\d+)
    | (?P<time>\d{4}-\d\d-\d\d(?:T.*)?|\d\d:\d\d:\d\d(?:[.,]\d+)?Z?)
    | (?P<ip>\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|(?=[0-9a-f]*:[0-9a-f]*:)[0-9a-f:.]+(?:%\w+)?)
    | (?P<dur>(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))
    | (?P<ver>v?\d+(?:\.\d+){1,3}(?:[-+][\w.+-]+)?)
    | (?P<digest>sha(?:1|256|512):[0-9a-f]{7,128})
    | (?P<uuid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})
    | (?P<pod>[a-z0-9][\w.-]*-[b-df-hj-np-tv-xz2-9]{6,10}-[b-df-hj-np-tv-xz2-9]{5})""",
    re.VERBOSE,
)
_WORDS_WITH_SLASH = frozenset({"i/o", "and/or", "read/write", "n/a", "N/A"})
_NUMBER = re.compile(r"(?<![A-Za-z0-9])(?:\d+(?:\.\d+)*|(?=[a-f]{0,40}\d)[0-9a-f]{7,})(?![A-Za-z0-9])")
_OBJECT = re.compile(r"([A-Z][A-Za-z0-9]+)/([a-z0-9][\w.-]*)(?:/([a-z0-9][\w.-]*))?")
_AGAIN = re.compile(r"(<\w+>)(?:[\s,;]+\1)+")  # ten objects fail for the cause that one has


def fingerprint(kind: str, text: str, namespace: str = "", name: str = "") -> str:
    """`fp1:` and 16 hex digits. `namespace` and `name` are those of the failing object, and do not tell causes apart."""
    pattern = normalise(text, (name, namespace))
    return f"{VERSION}:{hashlib.sha256(f'{kind}|{pattern}'.encode('utf-8', 'replace')).hexdigest()[:16]}"


def normalise(text: str, names: Iterable[str] = (), limit: int = 240) -> str:
    """The text, all that varies between times, objects and clusters replaced by `<what it was>`; at most `limit` characters."""
    text = text[:MAX_TEXT]
    for needle, pattern, replacement in _PHRASES:
        if needle in text:
            text = pattern.sub(replacement, text)
    words = text.split()
    known = _known(words, names)
    shown = ""
    for some in batched(_ends(words), 8):
        masked = (word if word.isalpha() and word not in known else _masked(word, known) for word in some)
        shown = _AGAIN.sub(r"\1", " ".join(filter(None, (shown, *masked))))
        if len(shown) > limit + 40:
            break  # enough: the rest would be cut
    return shown.strip(" :")[:limit]


def _known(words: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """Words of this text that name something: the object itself, and every Kind/namespace/name."""
    known = {name: "<name>" for name in names if len(name) > 2}
    found = (named for word in words if "/" in word for named in _OBJECT.findall(word))
    for kind, *objects in islice(found, MAX_OBJECTS):
        known[kind] = "<kind>"
        for name in objects:
            if len(name) > 2:
                known[name] = "<name>"
    return known


def _masked(word: str, known: dict[str, str]) -> str:
    """A word that is not all letters. What it becomes is remembered, and holds wherever none of its names is known."""
    usual, names = _usual(word)
    return usual if known.keys().isdisjoint(names) else _afresh(word, known)


@lru_cache(maxsize=8_192)  # controllers and tenants keep saying the same
def _usual(word: str) -> tuple[str, frozenset[str]]:
    asked = _Asked()
    return _afresh(word, asked), frozenset(asked.names)


class _Asked(dict[str, str]):
    """Knows no name, and notes which it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names = set[str]()

    def get(self, name: str, *_: object) -> None:  # type: ignore[override]  # narrower: it never finds anything
        self.names.add(name)


def _afresh(word: str, known: dict[str, str]) -> str:
    """A plain word with punctuation around it, or one in whose parts something may vary."""
    if _VARIES.search(word):
        return _PART.sub(lambda part: _part(part[0], known), word)
    core = word.strip(_PUNCTUATION)
    mask = _name(core, known)
    return word.replace(core, mask) if mask else word if core else ""


def _part(part: str, known: dict[str, str]) -> str:
    core = part.rstrip(":.!?")
    return (_name(core, known) or _shape(core)) + part[len(core) :]


def _name(core: str, known: dict[str, str]) -> str | None:
    """`Job.batch` and `podinfo.v1` are known by their first part."""
    return known.get(core) or known.get(core.partition(".")[0])


def _shape(core: str) -> str:
    if not _VARIES.search(core) or core in _WORDS_WITH_SLASH:
        return core
    fits = (_REFERENCES if "/" in core or "@" in core else _VALUES).fullmatch(core)
    return f"<{fits.lastgroup}>" if fits else _NUMBER.sub("<n>", core)


def _ends(words: list[str]) -> list[str]:
    """Of a long chain of Go errors the head and the root cause. Bare punctuation makes no link of it."""
    while words and not words[-1].strip(_PUNCTUATION):
        words.pop()
    starts = [place for place, word in enumerate(words[:-1], 1) if word[-1] == ":" and word.strip(_PUNCTUATION)]
    return [*words[: starts[2]], "…:", *words[starts[-1] :]] if len(starts) > 4 else words
