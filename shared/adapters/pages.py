"""The name of a page and what it shows in; HTML and the headers that go with it out. Templates are in shared/pages.

Law: one response is the whole page, and nothing else may be loaded or run: the policy names the hashes of the page's own style
and script. Whatever is put into a template is escaped, and what no reader would see of it is dropped.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

from shared.core import links
from shared.core.card_elements import cut
from shared.core.fleet_rows import short
from shared.core.headline import count, length, moment
from shared.core.redact import clean

FOLDER = Path(__file__).parents[1] / "pages"

_PLAIN = re.compile("[ !#-%(-;=?-~]*")  # what is printable in ASCII but & < > ' and "


@dataclass(frozen=True, slots=True)
class Page:
    """A whole response but its status."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Dress:
    """What is inline in a page."""

    style: Markup
    script: Markup
    policy: str


class _Generator(CodeGenerator):
    """One call, `_shown`, for each value that is put out: Jinja makes two, of `finalize` and of `escape`, for all of them.

    Without these methods, which Jinja has for its NativeCodeGenerator, it would do so again: slower, and as safe.
    """

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write("environment.globals['_shown'](")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write(")")


class _Environment(Environment):
    code_generator_class = _Generator


class Pages:
    """Renders `<name>.html` with base.css, `<name>.css` and `<name>.js`, as far as there are such files."""

    def __init__(self) -> None:
        self._environment = _Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_finalize,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters |= {
            "ago": _ago,
            "count": count,
            "cut": cut,
            "moment": _moment,
            "number": _number,
            "revision": short,
        }
        self._environment.globals |= {"filtered": links.filtered, "_shown": _shown}

    def render(self, name: str, /, **values: Any) -> Page:
        """`values` are what the template asks for; one that is missing is a `jinja2.UndefinedError`. Times are ISO 8601."""
        dress = _dress(name)
        html = self._environment.get_template(f"{name}.html").render(values, style=dress.style, script=dress.script)
        return Page(
            html.encode("utf-8", "replace"),
            {
                "Content-Type": "text/html; charset=utf-8",
                "Content-Security-Policy": dress.policy,
                "Referrer-Policy": "no-referrer",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
            },
        )


@cache
def _dress(name: str) -> _Dress:
    style = "".join(_text(f"{part}.css") for part in dict.fromkeys(("base", name)))
    script = _text(f"{name}.js")
    rules = {
        "default-src": "'none'",
        "style-src": _hash(style),
        "script-src": _hash(script) if script else "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    policy = "; ".join(f"{rule} {value}" for rule, value in rules.items())
    return _Dress(Markup(style), Markup(script), policy)  # noqa: S704  # files of ours


def _text(file: str) -> str:
    path = FOLDER / file
    return path.read_text("utf-8") if path.exists() else ""


def _hash(text: str) -> str:
    """Of an element's whole text, as the policy wants it (Content Security Policy Level 3, 2.3.1)."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


# ------------------------------------------------------------------------------------------------------ what templates use


def _shown(value: Any) -> Any:
    """Cleaned and escaped. Most texts hold nothing for either to do."""
    return value if type(value) is str and _PLAIN.fullmatch(value) else escape(_finalize(value))


def _finalize(value: Any) -> Any:
    return clean(value) if type(value) is str else value


def _moment(at: str) -> str:
    return moment(datetime.fromisoformat(at).astimezone(UTC))


def _ago(at: str, now: str) -> str:
    """How long before `now`, in the larger unit: 3 d, 2 h, 12 min, 40 s. What is not over yet is in the future."""
    return length(abs(_parsed(now) - datetime.fromisoformat(at)))


@lru_cache(maxsize=8)
def _parsed(at: str) -> datetime:
    """The moment of a page: it is asked for in each row."""
    return datetime.fromisoformat(at)


def _number(value: int) -> str:
    """12,345."""
    return f"{value:,}"
