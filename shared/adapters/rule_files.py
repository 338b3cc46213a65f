"""The files of shared/rules in; the catalogue of alert rules out. Terraform reads the same files.

Law: read when first wanted, once for each process; a file that cannot be read is a fault of the catalogue, by its name.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from shared.core.rule_catalogue import BadCatalogue, Catalogue, catalogue

RULES = Path(__file__).parents[1] / "rules"


@lru_cache(maxsize=1)
def shipped() -> Catalogue:
    """The catalogue that comes with the app. Raises `BadCatalogue`."""
    return load(RULES)


def load(folder: Path) -> Catalogue:
    """prometheus/*.yaml, logs/<Name>.kql with <Name>.yaml, thresholds.yaml. Raises `BadCatalogue`."""
    metrics = [(path.name, _document(path)) for path in sorted((folder / "prometheus").glob("*.yaml"))]
    queries = sorted((folder / "logs").glob("*.kql"))
    logs = {path.stem: (_document(path.with_suffix(".yaml")), path.read_text("utf-8")) for path in queries}
    thresholds = folder / "thresholds.yaml"
    return catalogue(metrics, logs, _document(thresholds) if thresholds.is_file() else None)


def _document(path: Path) -> Any:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as quick, where it was built
    try:
        return yaml.load(path.read_text("utf-8"), Loader=loader)  # noqa: S506 - both are safe loaders
    except FileNotFoundError:
        raise BadCatalogue([f"{path.name}: is missing"]) from None
    except yaml.YAMLError:
        raise BadCatalogue([f"{path.name}: is no YAML"]) from None
