"""A text from outside in; the same text without secrets, control characters or tricks of direction out.

Pure: no I/O.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MASK = "***"
SHORT = 40  # characters; shorter secrets show only by what stands around them


class Rule(NamedTuple):
    """One shape of secret. The pattern runs only where the lower-case text holds the needle, and a word of that length: most
    texts hold few.
    """

    needle: str
    pattern: re.Pattern[str]
    replacement: str = MASK
    length: int = 0


def _rule(needle: str, pattern: str, replacement: str = MASK, *, length: int = 0) -> Rule:
    return Rule(needle, re.compile(pattern, re.ASCII), replacement, length)


# Linear: each pattern starts at a literal or at the edge of a run, and what it repeats is bounded or holds no other start.
_RULES = (
    # Keys that span lines; a text that was cut inside one is masked to its end.
    _rule(
        "private key",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?s:.*?)(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,9}-----|\Z)",
    ),
    _rule("age-secret-key-", r"AGE-SECRET-KEY-[0-9A-Z-]{10,}"),
    # Addresses: user:password@ under any scheme, also where the password holds a slash; any user of http but git.
    _rule("@", r"://[^\s/?#'\"@:]*:[^\s/?#'\"]*@", rf"://{MASK}@"),
    _rule("@", r"://[^\s/?#'\"@:\[]{1,128}:(?!\d{1,5}(?:[/?#\s'\"]|\Z))[^\s'\"@]{1,256}@", rf"://{MASK}@"),
    _rule("@", r"://(?<=[hH][tT][tT][pP]://)(?!git@)[^\s/?#'\"]+@", rf"://{MASK}@"),
    _rule("@", r"://(?<=[tT][tT][pP][sS]://)(?!git@)[^\s/?#'\"]+@", rf"://{MASK}@"),
    _rule("/webhookb2/", r"(/webhookb2/)[^\s'\"<>]+", rf"\1{MASK}"),  # Teams connectors: the path is the secret
    _rule("hooks.slack.com/", r"(hooks\.slack\.com/\w{1,20}/)[^\s'\"<>]+", rf"\1{MASK}"),
    # Named values: in a query, in a setting or connection string, in JSON, in a header.
    _rule("sharedaccesssignature=", r"(?i)(sharedaccesssignature=)[^\s;'\"]+", rf"\1{MASK}"),
    _rule("=", r"(?i)([?&;](?:sig|code|token|key|subscription-key)=)(?!\*{3})[^\s&#'\"<>]+", rf"\1{MASK}"),
    _rule(
        "=",
        r"(?i)((?:account_?key|access_?key|secret_?key|api[-_]?key|functions-key|password|passwd|pwd|secret|token"
        r"|\bsig)=)(?!\*{3})(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s;&,'\"<>)\]}]+)",
        rf"\1{MASK}",
    ),
    _rule(
        '":',
        r"(?i)(\"[\w-]{0,40}(?:password|secret|token|api[-_]?key|access_?key|account_?key)\\?\": ?\\?\")"
        r"(?:[^\"\\\n]|\\[^\"\n])+",
        rf"\1{MASK}",
    ),
    _rule("-key", r"(?i)((?:functions|api)-key['\"]?: ?['\"]?)[^\s'\",;]+", rf"\1{MASK}"),
    _rule(
        "authorization",
        r"(?i)(authorization['\"]?[:=] ?['\"\[]{0,2}(?:bearer|basic|token|negotiate) )[^\s'\",;\]]+",
        rf"\1{MASK}",
    ),
    _rule("bearer ", r"(?i)(\bbearer )(?=[a-z._~+/-]*[0-9=])[a-z0-9._~+/=-]{12,}", rf"\1{MASK}"),
    _rule("basic ", r"(?i)(\bbasic )(?=[a-z+/]*[0-9=])[a-z0-9+/=]{12,}", rf"\1{MASK}"),
    # Shapes that give themselves away, as their issuers publish them for secret scanning.
    _rule("eyj", r"(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*"),  # JSON Web Token, RFC 7519
    _rule("_", r"(?:gh[opusr]|github_pat)_\w{16,}"),
    _rule("gl", r"\bgl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct)-[\w.-]{16,}"),
    _rule("azdo", r"\b[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}\b"),
    _rule("", r"\b[a-z2-7]{52}\b", length=52),  # Azure DevOps until 2024: base32, of a length that no digest has
    _rule("azfu", r"(?<![\w-])[\w-]{44}AzFu[\w-]{5}[AQgw](?:==)?"),  # a key of Azure Functions
    _rule("q~", r"(?<![\w.~-])[\w.~-]{3}[0-9]Q~[\w.~-]{31,34}(?![\w.~-])"),  # a client secret of Entra ID
    _rule("==", r"(?<![\w+/])[A-Za-z0-9+/]{86}=="),  # an account key of Azure Storage
)

# Whoever cut the text may have cut off the @ of user:password@: what is no port is a password.
_CUT = re.compile(r"://[^\s/?#'\"@:\[]{1,128}:(?!\d{0,5}(?:[^\w@]|\Z))[^\s'\"@:]{1,256}\Z", re.ASCII)
_END = 400  # characters that such an address takes at the most

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def redact(text: str) -> str:
    """Secrets become `***`; hosts, paths, digests and commits stay, so that the text can still be understood.

    `clean` comes first: a control character inside a token would hide it. Twice changes nothing more than once.
    """
    if len(text) < SHORT and text.isalnum():
        return text  # a reason, say: no secret is a short plain word
    lowered = text.lower()
    longest = max(map(len, lowered.split()), default=0)
    for needle, pattern, replacement, length in _RULES:
        if needle in lowered and length <= longest:
            text = pattern.sub(replacement, text)
    return text[:-_END] + _CUT.sub(f"://{MASK}", text[-_END:]) if "://" in text[-_END:] else text


def clean(text: str) -> str:
    """Drops what no reader sees: control characters but newline and tab, terminal colours, bidi marks, lone surrogates.

    Bidi characters (Unicode UAX #9) reorder what is shown, so a text could pretend to be another.
    """
    return text if text.isprintable() else _UNWANTED.sub("", _COLOUR.sub("", text))
