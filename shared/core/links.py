"""What a card is about in; the addresses of its buttons out: commit, portal, logs, runbook, fleet.

Pure: no I/O. Built from parsed parts, each percent-encoded, and https only; plain http is for a loopback base, as everywhere.
"""

from __future__ import annotations

import base64
import gzip
import re
from functools import lru_cache
from urllib.parse import quote, urlencode

from shared.core.cluster import Cluster
from shared.core.git_url import HOSTS, commit_url, source_url
from shared.core.redact import clean

__all__ = [
    "HOSTS",
    "commit_url",
    "filtered",
    "fleet",
    "logs",
    "logs_query",
    "portal_gitops",
    "runbook",
    "source_url",
    "source_url_of",
]

PORTAL = "https://portal.azure.com"
MAX_URL = 2000
"""Characters. A longer address opens the workspace's logs without the query."""

_BASE = re.compile(
    r"(?:https://[A-Za-z0-9.-]+|http://(?:127\.0\.0\.1|localhost|\[::1\]))(?::\d{1,5})?(?:/[\w.~%@+-]*)*", re.ASCII
)

# What source-controller says before the address of a source (internal/controller, go-git, Helm and go-containerregistry).
_SAID = re.compile(
    r"(?:unable to clone|unable to list remote for|failed to (?:fetch|get|pull)|from|\b(?:GET|HEAD|Get|Head)) ['\"]?"
    r"((?:https?|ssh|oci)://[^\s'\"]+)"
)
# What a request asks a source for → the source.
_SOURCE_OF = (
    (re.compile(r"/info/refs\?.*"), ""),  # git's smart HTTP protocol
    (re.compile(r"/[^/]*\.(?:tgz|yaml)(?:\?.*)?$"), ""),  # a Helm repository's charts and index
    (re.compile(r"^https?(://[^/]+)/v2/(.+?)/(?:manifests|tags|blobs)/.*"), r"oci\1/\2"),  # OCI distribution specification
    (re.compile(r"^https?(://[^/]+)/oauth2/.*"), r"oci\1"),  # a registry's tokens
    (re.compile(r"^(oci://[^/]+/[^:@]+)[:@].*"), r"\1"),  # tag or digest
)


def source_url_of(message: str) -> str | None:
    """The source that a failure names, spelled alike on every cluster and without credentials; None where it names none."""
    found = _SAID.search(message) if "://" in message else None
    if not found:
        return None
    url = found[1].rstrip(":.,;)")
    for pattern, replacement in _SOURCE_OF:
        url = pattern.sub(replacement, url)
    return source_url(url)


def portal_gitops(cluster: Cluster, portal: str = PORTAL) -> str:
    """The cluster's GitOps page in the portal. That its name is `gitops` for every type of cluster is unverified."""
    return f"{_base(portal) or PORTAL}/#@/resource{quote(cluster.arm_id)}/gitops"


def logs(workspace_id: str, query: str, portal: str = PORTAL, timespan: str = "P1D") -> str:
    """Log Analytics with the query filled in. `timespan` is an ISO 8601 duration.

    The form is that of the portal's own "share link to query": the query as gzip, base64 and percent-encoded. Equal queries
    give equal links.
    """
    portal = _base(portal) or PORTAL
    zipped = bytearray(gzip.compress(query.encode("utf-8", "replace"), mtime=0))
    zipped[9] = 255  # "unknown system" (RFC 1952): versions of Python differ in what they write there
    packed = base64.b64encode(zipped).decode()
    link = (
        f"{portal}/#blade/Microsoft_Azure_Monitoring_Logs/LogsBlade/resourceId/{quote(workspace_id, safe='')}"
        f"/source/LogsBlade.AnalyticsShareLinkToQuery/q/{quote(packed, safe='')}/timespan/{quote(timespan, safe='')}"
    )
    return link if len(link) <= MAX_URL else f"{portal}/#@/resource{quote(workspace_id)}/logs"


def logs_query(template: str, kind: str, namespace: str, name: str, cluster_key: str) -> str:
    """The lines that controllers wrote about one object: `template` (queries/object_logs.kql) behind its parameters as `let`s.

    No text is formatted into the query: a name can only ever be the content of a string literal. Comments are left out.
    """
    values = {"_kind": kind, "_namespace": namespace, "_name": name, "_cluster": cluster_key}
    lets = [f"let {parameter} = {_literal(value)};" for parameter, value in values.items()]
    return "\n".join([*lets, *(line for line in template.splitlines() if line and not line.startswith("//"))])


def runbook(base: str, name: str) -> str | None:
    """`name` is a file of docs/runbooks, without .md."""
    base = _base(base)
    return f"{base}/{quote(name, safe='')}.md" if base else None


def fleet(base: str, **query: str) -> str | None:
    """The fleet page, whose address is `base`, filtered. Empty filters are left out."""
    base = _base(base)
    return base + filtered(**query) if base else None


@lru_cache(maxsize=2_048)  # a page has one for each cluster, at every look
def filtered(**query: str) -> str:
    """The query of the fleet page, with its question mark: relative to the page itself. Empty filters are left out."""
    filters = urlencode({key: value for key, value in query.items() if value}, quote_via=quote, errors="replace")
    return f"?{filters}" if filters else ""


def _base(url: str) -> str:
    return url.rstrip("/") if _BASE.fullmatch(url) else ""


def _literal(text: str) -> str:
    """A KQL string literal (learn.microsoft.com, "The string data type"): backslash escapes backslash and quote."""
    line = re.sub(r"\s", " ", clean(text))
    return '"' + line.replace("\\", "\\\\").replace('"', '\\"') + '"'
