"""A cluster and the app's address in; on stdout the manifests that connect them, on stderr what to do with them.

Reads FLUX_HMAC_KEY and FLUXWATCH_FUNCTION_KEY from the environment, else from local.settings.json. Applies nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from shared.core import manifests
from shared.core.cluster import Cluster, NotACluster
from shared.core.signature import cluster_token

PLACEHOLDER = "<function key>"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Unusable(Exception):
    """What was given does not do; the message is one line for a person."""


def render(cluster: str, url: str, namespace: str, settings: Mapping[str, str], *, heartbeats: bool = False) -> str:
    """The manifests. Raises `Unusable`."""
    key = settings.get("FLUX_HMAC_KEY")
    if not key:
        raise Unusable("FLUX_HMAC_KEY is missing: set it in the environment or in local.settings.json")
    if key.startswith("@Microsoft.KeyVault("):
        raise Unusable("FLUX_HMAC_KEY is a Key Vault reference: give the secret itself")
    try:
        found = Cluster.from_arm_id(cluster)
    except NotACluster as error:
        raise Unusable(f"CLUSTER: {error}") from None
    try:
        return manifests.provider(
            found,
            address_base=address(url),
            token=cluster_token(key, found),
            function_key=settings.get("FLUXWATCH_FUNCTION_KEY") or PLACEHOLDER,
            namespace=namespace,
            heartbeats=heartbeats,
        )
    except ValueError as error:
        raise Unusable(str(error)) from None


def address(url: str) -> str:
    """The app's address without a path. Secrets travel there, so it is https; http is for this machine. Raises `Unusable`."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise Unusable("URL is not an address") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise Unusable("URL must begin with https:// (http:// is for this machine only)")
    if not parts.hostname or parts.username is not None or parts.path.strip("/") or parts.query or parts.fragment:
        raise Unusable("URL must be the address of the app alone, as in https://fluxwatch.azurewebsites.net")
    return f"{parts.scheme}://{parts.netloc}"


def settings_of(environment: Mapping[str, str], file: Path) -> dict[str, str]:
    """The app's settings, as the functions host reads them: the environment wins over the file. Raises `Unusable`."""
    try:
        values = json.loads(file.read_text("utf-8"))["Values"] if file.exists() else {}
        return {**{str(name): str(value) for name, value in values.items()}, **environment}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unusable(f"{file.name} is not a settings file: JSON with Values is expected") from None


def main(arguments: list[str] | None = None) -> int:
    """0, or 1 with one line on stderr."""
    parser = argparse.ArgumentParser(prog="make provider", description="Print Secret, Provider and Alert for a cluster.")
    parser.add_argument("--cluster", required=True, help="ARM id of the cluster")
    parser.add_argument("--url", required=True, help="address of the app, https://…")
    parser.add_argument("--namespace", default="cluster-config", help="namespace of the Flux objects (default: %(default)s)")
    parser.add_argument("--heartbeats", action="store_true", help="hear healthy Kustomizations at each interval, too")
    parser.add_argument("--settings", type=Path, default=Path("local.settings.json"), help="default: %(default)s")
    given = parser.parse_args(arguments)
    try:
        settings = settings_of(os.environ, given.settings)
        print(render(given.cluster, given.url, given.namespace, settings, heartbeats=given.heartbeats), end="")
    except Unusable as error:
        print(f"provider: {error}", file=sys.stderr)
        return 1
    print("apply with: make provider CLUSTER=… URL=… | kubectl apply -f -  (the output holds secrets)", file=sys.stderr)
    if not settings.get("FLUXWATCH_FUNCTION_KEY"):
        print(f"FLUXWATCH_FUNCTION_KEY is not set: put the key in place of {PLACEHOLDER} before you apply", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
