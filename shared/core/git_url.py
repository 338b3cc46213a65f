"""The address of a repository in; the page of a commit out, and the one spelling that all clusters share.

Pure: no I/O. Addresses come from outside: they are taken apart, every part is encoded anew, and what does not fit gives None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote, unquote, urlsplit

_DEFAULT_PORTS = {"https": 443, "http": 80, "ssh": 22, "oci": 443}
_SCP = re.compile(r"(?:[^@/:\s]+@)?([A-Za-z0-9.-]+):(?!/)(\S+)")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\]")
_SHA = re.compile(r"[0-9a-f]{7,64}", re.IGNORECASE)
_CODECOMMIT = re.compile(r"git-codecommit\.([a-z0-9-]+)\.amazonaws\.com")

# Hosts that answer git over ssh, or over port 443, for another host's pages.
_ALIASES = {
    "ssh.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "altssh.bitbucket.org": "bitbucket.org",
    "ssh.dev.azure.com": "dev.azure.com",
    "vs-ssh.visualstudio.com": "dev.azure.com",
}
_KNOWN = {
    "github.com": "github",
    "gitlab.com": "gitlab",
    "dev.azure.com": "azure-devops",
    "bitbucket.org": "bitbucket",
    "codeberg.org": "gitea",
}


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository's address in parts, without userinfo and `.git`. `path` holds percent-encoded segments."""

    scheme: str
    host: str
    port: int | None
    path: tuple[str, ...]

    @property
    def authority(self) -> str:
        """Host and, where it is no default, port."""
        return self.host if self.port in (None, _DEFAULT_PORTS[self.scheme]) else f"{self.host}:{self.port}"

    @property
    def pages(self) -> str:
        """Where people read what git serves here: a port is kept for https only."""
        return self.authority if self.scheme == "https" else self.host


type Page = tuple[str, ...] | None


def _github(remote: Remote, sha: str) -> Page:
    return (remote.pages, *remote.path, "commit", sha) if len(remote.path) == 2 else None


def _gitea(remote: Remote, sha: str) -> Page:
    return (remote.pages, *remote.path, "commit", sha) if len(remote.path) >= 2 else None


def _gitlab(remote: Remote, sha: str) -> Page:
    return (remote.pages, *remote.path, "-", "commit", sha) if len(remote.path) >= 2 else None


def _azure_devops(remote: Remote, sha: str) -> Page:
    match remote.path:
        case ("v3", organisation, project, repository) if remote.scheme == "ssh":
            return (remote.pages, organisation, project, "_git", repository, "commit", sha)
        case ("_git", _) if remote.host != "dev.azure.com":
            return (remote.pages, *remote.path, "commit", sha)
        case (_, *_, "_git", _):
            return (remote.pages, *remote.path, "commit", sha)
    return None


def _bitbucket(remote: Remote, sha: str) -> Page:
    match remote.path:
        case (_, _) if remote.host == "bitbucket.org":
            return (remote.pages, *remote.path, "commits", sha)
        case (project, repository) if remote.scheme == "ssh":
            context: tuple[str, ...] = ()
        case (*before, "scm", project, repository):
            context = tuple(before)
        case _:
            return None
    owner = ("users", project[1:]) if project.startswith("~") else ("projects", project.upper())
    return (remote.pages, *context, *owner, "repos", repository, "commits", sha)


def _codecommit(remote: Remote, sha: str) -> Page:
    region = _CODECOMMIT.fullmatch(remote.host)
    if region and remote.path[:2] == ("v1", "repos") and len(remote.path) == 3:
        console = f"{region[1]}.console.aws.amazon.com"
        return (console, "codesuite", "codecommit", "repositories", remote.path[2], "commit", sha)
    return None


HOSTS: Mapping[str, Callable[[Remote, str], Page]] = MappingProxyType(
    {
        "github": _github,
        "gitlab": _gitlab,
        "azure-devops": _azure_devops,
        "bitbucket": _bitbucket,
        "gitea": _gitea,
    }
)
"""What a git host may be, as in the setting GIT_HOSTS → how it spells the page of a commit."""

# Hosts that nobody named, by what their address shows; the first that fits.
_SIGNS: tuple[tuple[Callable[[Remote], bool], Callable[[Remote, str], Page]], ...] = (
    (lambda remote: bool(_CODECOMMIT.fullmatch(remote.host)), _codecommit),
    (lambda remote: remote.path[-2:-1] == ("_git",), _azure_devops),
    (lambda remote: remote.path[-3:-2] == ("scm",) or "bitbucket" in remote.host, _bitbucket),
    (lambda remote: (remote.scheme, remote.port) == ("ssh", 7999), _bitbucket),
    (lambda remote: "gitlab" in remote.host, _gitlab),
    (lambda remote: "github" in remote.host, _github),
    (lambda remote: any(name in remote.host for name in ("gitea", "forgejo", "codeberg")), _gitea),
)


def parse(url: str) -> Remote | None:
    """Takes https, http, ssh and oci addresses and git's `user@host:path`. None for anything else."""
    if len(url) > 2048 or _FORBIDDEN.search(url):
        return None
    if "://" not in url and (scp := _SCP.fullmatch(url)):
        url = f"ssh://{scp[1]}/{scp[2]}"
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
        path = _segments(parts.path.rstrip("/").removesuffix(".git"))
    except ValueError:  # of the port, the brackets, the encoding
        return None
    return Remote(parts.scheme, host, port, path) if parts.scheme in _DEFAULT_PORTS and _HOST.fullmatch(host) else None


def _segments(path: str) -> tuple[str, ...]:
    """Decoded and encoded again: one spelling for each segment. Raises `ValueError` for one that could mean another path."""
    segments = [unquote(segment, errors="strict") for segment in path.lstrip("/").split("/")] if path else []
    if any(segment in ("", ".", "..") or "/" in segment or _FORBIDDEN.search(segment) for segment in segments):
        raise ValueError("not a plain path")
    return tuple(quote(segment, safe="") for segment in segments)


def source_url(url: str) -> str | None:
    """The one spelling of a source: no userinfo, no `.git`, no default port, host in lower case."""
    remote = parse(url)
    return f"{remote.scheme}://{'/'.join((remote.authority, *remote.path))}" if remote else None


def commit_url(git_url: str, sha: str, hosts: Mapping[str, str] = MappingProxyType({})) -> str | None:
    """The page of a commit. `hosts` says what a self-hosted host is (one of `HOSTS`) and wins over what its address shows.

    None where no page is certain: an unknown host, no repository in the path, a hash that is none.
    """
    remote = parse(git_url)
    if remote is None or remote.scheme == "oci" or not _SHA.fullmatch(sha):
        return None
    remote = Remote(remote.scheme, _ALIASES.get(remote.host, remote.host), remote.port, remote.path)
    named = {host.lower(): kind for host, kind in hosts.items()}
    kind = named.get(remote.authority) or named.get(remote.host) or _KNOWN.get(remote.host)
    spell = HOSTS.get(kind) if kind else next((found for fits, found in _SIGNS if fits(remote)), None)
    page = spell(remote, sha) if spell else None
    return f"https://{'/'.join(page)}" if page else None
