"""infra/kubernetes in; what kubectl makes of it, and whether a cluster would take it, out.

Law: a field that Flux 2.6 or the metrics add-on does not know is a fault: the API server drops it without a word.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import yaml

from local import ksm, provider
from shared.core.flux_event import parse
from shared.core.flux_observation import is_heartbeat
from shared.core.refusal import Unsigned
from shared.core.signature import verify
from tests.examples import body_of, events
from tests.infra.fields import EVENT_KINDS, Document, wrong
from tests.infra.grafana import PROMETHEUS, dashboard, filled, metrics_read, promql_of
from tests.rules.promtool import MISSING as NO_PROMTOOL
from tests.rules.promtool import catalogue, find_promtool, run

HOME = Path(__file__).parents[2] / "infra/kubernetes"
FOLDERS = sorted(str(path.parent.relative_to(HOME)) for path in HOME.rglob("kustomization.yaml"))
PARTS = {"metrics/add-on-reader", "metrics/state-reader", "notifications/base"}
NO_KUBECTL = "MANIFESTS ARE NOT RENDERED: kubectl 1.22 or newer is missing"
CLUSTER = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-sec-weu"
    "/providers/Microsoft.ContainerService/managedClusters/aks-sec-weu-01"
)
SETTINGS = {"FLUX_HMAC_KEY": "example-key-do-not-use", "FLUXWATCH_FUNCTION_KEY": "key=="}

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

OF_FLUX = ("gotk_", "controller_runtime_", "workqueue_", "rest_client_", "process_", "go_")


@pytest.fixture(scope="module")
def kubectl() -> str:
    """The program, if it is new enough."""
    found = shutil.which("kubectl")
    version = subprocess.run([found, "version", "--client"], capture_output=True, text=True, check=False) if found else None
    kustomize = re.search(r"Kustomize Version: v(\d+)", version.stdout) if version else None
    if not found or not kustomize or int(kustomize[1]) < 4:
        (pytest.fail if os.environ.get("FLUXWATCH_REQUIRE_KUBECTL") == "1" else pytest.skip)(NO_KUBECTL)
    return found


@cache
def _rendered(program: str, folder: str) -> str:
    done = subprocess.run([program, "kustomize", str(HOME / folder)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def _documents(text: str) -> list[Document]:
    return [one for one in yaml.load_all(text, LOADER) if one]


def _choices() -> list[list[str]]:
    """The folders in each row of the README's table of situations."""
    text = (HOME / "README.md").read_text("utf-8").partition("## Metrics")[2]
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| ")]
    return [[f"metrics/{name}" for name in re.findall(r"`([\w-]+)`", row[2])] for row in rows if "`" in row[2]]


def _kept(folder: str) -> str:
    """The keep-list of pods that are scraped by annotation."""
    [settings] = _documents((ksm.HOME / folder / "settings.yaml").read_text("utf-8"))
    lists = yaml.safe_load(settings["data"]["cluster-metrics"])["default-targets-metrics-keep-list"]
    return re.findall(r'podannotations = "(.+)"', lists)[0]


# -------------------------------------------------------------------------------------------------------- what is rendered


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_renders_to_objects_of_known_fields(kubectl: str, folder: str) -> None:
    documents = _documents(_rendered(kubectl, folder))
    assert documents
    assert [fault for one in documents for fault in wrong(one)] == []


def test_a_field_that_is_not_known_is_found() -> None:
    [alert] = _documents((HOME / "notifications/base/alert.yaml").read_text("utf-8"))
    [monitor] = _documents((HOME / "metrics/pod-monitor/pod-monitor.yaml").read_text("utf-8"))
    alert["spec"]["eventSources"][0]["names"] = "*"
    monitor["spec"]["podMetricsEndpoints"][0]["portNumber"] = 8080
    monitor["apiVersion"], again = "monitoring.coreos.com/v1", {**monitor}
    assert wrong(alert) == ["Alert.eventSources[0].names"]
    assert wrong(monitor) == ["('monitoring.coreos.com/v1', 'PodMonitor') is not known"]
    assert wrong(again) == ["PodMonitor.podMetricsEndpoints[0].portNumber"]


@pytest.mark.parametrize("choice", _choices(), ids="+".join)
def test_what_is_applied_together_has_each_object_once(kubectl: str, choice: list[str]) -> None:
    documents = [one for folder in choice for one in _documents(_rendered(kubectl, folder))]
    ids = Counter((one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in documents)
    assert [one for one, times in ids.items() if times > 1] == []


@pytest.mark.parametrize("choice", _choices(), ids="+".join)
def test_a_situation_has_one_way_to_each_target(choice: list[str]) -> None:
    ways = {"metrics/managed", "metrics/annotations", "metrics/pod-monitor", "metrics/scrape-job"}
    states = {"metrics/managed", "metrics/managed-state", "metrics/own-state"}
    assert len(ways & set(choice)) == 1
    assert len(states & set(choice)) == (0 if choice == ["metrics/annotations"] else 1)


def test_the_table_of_situations_names_every_folder_but_parts_of_others() -> None:
    assert {folder for choice in _choices() for folder in choice} == {
        folder for folder in FOLDERS if folder.startswith("metrics/") and folder not in PARTS
    }


# ----------------------------------------------------------------------------------------------------------- notifications


def test_the_copy_that_is_filled_in_is_what_make_provider_prints(kubectl: str) -> None:
    printed = _documents(provider.render(CLUSTER, "https://fluxwatch-1.azurewebsites.net", "cluster-config", SETTINGS))
    [secret] = [one for one in printed if one["kind"] == "Secret"]
    values = {
        "<app>": "fluxwatch-1",
        "<subscription-id>": "00000000-0000-0000-0000-000000000001",
        "<resource-group>": "rg-sec-weu",
        "<cluster-type>": "managedClusters",
        "<cluster>": "aks-sec-weu-01",
        "<token of this cluster>": secret["stringData"]["token"],
        "<function key>": "key==",
    }
    text = _rendered(kubectl, "notifications/cluster")
    assert set(re.findall(r"<[^<>]+>", text)) == set(values)
    assert "grep '<'" in (HOME / "README.md").read_text("utf-8"), "how to find what was forgotten"
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    assert "<" not in text
    assert sorted(_documents(text), key=lambda one: one["kind"]) == sorted(printed, key=lambda one: one["kind"])


def test_what_the_readme_quotes_of_a_refusal_is_what_the_app_answers() -> None:
    quoted = re.findall(r"`401: ([^`]+)`", (HOME / "README.md").read_text("utf-8"))
    with pytest.raises(Unsigned) as refused:
        verify(b"{}", "sha256=" + "0" * 64, tokens=["token"])
    assert quoted == [str(refused.value)]


def test_the_patch_of_the_readme_lets_heartbeats_pass_as_make_provider_does(kubectl: str, tmp_path: Path) -> None:
    shutil.copytree(HOME / "notifications", tmp_path / "notifications")
    patch = re.findall(r"```yaml\n(patches:.+?)```", (HOME / "README.md").read_text("utf-8"), re.S)
    file = tmp_path / "notifications/cluster/kustomization.yaml"
    whole = yaml.safe_load(file.read_text("utf-8"))
    whole["patches"] += yaml.safe_load(patch[0])["patches"]
    file.write_text(yaml.safe_dump(whole), "utf-8")
    printed = provider.render(CLUSTER, "https://x.azurewebsites.net", "cluster-config", SETTINGS, heartbeats=True)
    [alert] = [one for one in _documents(_rendered(kubectl, str(file.parent))) if one["kind"] == "Alert"]
    assert alert == next(one for one in _documents(printed) if one["kind"] == "Alert")


def test_the_exclusion_leaves_out_heartbeats_and_no_other_news() -> None:
    [alert] = _documents((HOME / "notifications/base/alert.yaml").read_text("utf-8"))
    heard = {case: parse(body_of(case)) for case, sample in events().items() if sample["valid"]}
    left_out = {
        case for case, one in heard.items() if any(re.search(way, one.message) for way in alert["spec"]["exclusionList"])
    }
    assert left_out
    assert [case for case in left_out if not is_heartbeat(heard[case])] == []
    assert [case for case in left_out if events()[case]["class"] != "heartbeat"] == []


def test_flux_2_6_takes_provider_and_alert() -> None:
    [sender] = _documents((HOME / "notifications/base/provider.yaml").read_text("utf-8"))
    [alert] = _documents((HOME / "notifications/base/alert.yaml").read_text("utf-8"))
    assert sender["spec"]["type"] == "generic-hmac"
    assert re.fullmatch(r"([0-9]+(\.[0-9]+)?(ms|s|m))+", sender["spec"]["timeout"])
    assert {one["kind"] for one in alert["spec"]["eventSources"]} <= EVENT_KINDS
    assert alert["spec"]["eventSeverity"] == "info"
    assert alert["spec"]["providerRef"] == {"name": sender["metadata"]["name"]}


# ----------------------------------------------------------------------------------------------------------------- metrics


def test_the_files_are_what_the_table_of_kinds_writes(tmp_path: Path) -> None:
    assert ksm.main(["--into", str(tmp_path)]) == 0
    for path in ksm.files():
        assert (ksm.HOME / path).read_text("utf-8") == (tmp_path / path).read_text("utf-8"), f"{path}: python -m local.ksm"


def test_an_older_flux_serves_images_in_another_version(tmp_path: Path) -> None:
    assert ksm.main(["--into", str(tmp_path), "--images", "v1beta2"]) == 0
    [state] = _documents((tmp_path / "own-state/state.yaml").read_text("utf-8"))
    versions = [one["groupVersionKind"]["version"] for one in state["spec"]["resources"] if "image" in str(one)]
    assert versions.count("v1beta2") == 3


def test_each_kind_is_asked_for_once_in_words_of_its_own_and_may_be_read() -> None:
    resources = ksm.state()["spec"]["resources"]
    kinds = [one["groupVersionKind"]["kind"] for one in resources]
    helps = [metric["help"] for one in resources for metric in one["metrics"]]
    assert len(set(kinds)) == len(kinds)
    assert len(set(helps)) == len(helps)
    readable = {(api, name) for rule in ksm.role()["rules"] for api in rule["apiGroups"] for name in rule["resources"]}
    wanted = {(kind.api, kind.plural) for kind in ksm.KINDS}
    assert readable == wanted | {("apiextensions.k8s.io", "customresourcedefinitions")}


def test_the_state_has_the_labels_that_the_rules_read() -> None:
    for kind in ksm.KINDS:
        info = next(one for one in ksm.state([kind])["spec"]["resources"][0]["metrics"] if one["name"] == "resource_info")
        labels = {*info["labelsFromPath"], *info["each"]["info"]["labelsFromPath"]}
        assert labels >= {"exported_namespace", "name", "suspended"}
        assert not kind.ready or labels >= {"ready", "reason", "stalled"}
        assert not any("message" in label for label in labels), "a label that is too long loses the scrape"


def test_the_add_on_gets_its_state_configuration_as_text_in_text() -> None:
    for folder in ("managed", "managed-state"):
        [settings] = _documents((ksm.HOME / folder / "settings.yaml").read_text("utf-8"))
        assert _documents(_documents(settings["data"]["ksm-config"])[0]["custom_resource_config"])[0] == ksm.state()
        assert yaml.safe_load(settings["data"]["cluster-metrics"])["minimal-ingestion-profile"] == "enabled = true"
        assert ("podannotationnamespaceregex" in settings["data"]["cluster-metrics"]) == (folder == "managed")


def test_every_way_of_scraping_keeps_what_rules_and_dashboards_read_of_flux_itself() -> None:
    [monitor] = _documents((HOME / "metrics/pod-monitor/pod-monitor.yaml").read_text("utf-8"))
    job = yaml.safe_load((HOME / "metrics/scrape-job/prometheus-config").read_text("utf-8"))["scrape_configs"][0]
    kept = {
        monitor["spec"]["podMetricsEndpoints"][0]["metricRelabelings"][0]["regex"],
        job["metric_relabel_configs"][0]["regex"],
        _kept("managed"),
        _kept("annotations"),
    }
    assert kept == {ksm.OWN}
    texts = [rule["expr"] for group in catalogue().values() for rule in group["rules"]]
    for name in ("flux-cluster-stats", "flux-control-plane"):
        texts += [filled(one.text, PROMETHEUS) for one in promql_of(dashboard(name))]
    read = {name for text in texts for name in metrics_read(text)}
    own = {name for name in read if name.startswith(OF_FLUX)}
    assert {name for name in own if not re.fullmatch(f"{ksm.OWN}|{ksm.STATE}", name)} == set()


def test_every_way_of_scraping_selects_the_same_pods_at_the_same_door() -> None:
    [monitor] = _documents((HOME / "metrics/pod-monitor/pod-monitor.yaml").read_text("utf-8"))
    job = yaml.safe_load((HOME / "metrics/scrape-job/prometheus-config").read_text("utf-8"))["scrape_configs"][0]
    [selector] = monitor["spec"]["selector"]["matchExpressions"]
    [own] = _documents((HOME / "metrics/own-state/deployment.yaml").read_text("utf-8"))
    pods = own["spec"]["template"]
    assert {name for name in selector["values"] if not re.fullmatch(job["relabel_configs"][0]["regex"], name)} == set()
    assert pods["metadata"]["labels"]["app"] in selector["values"]
    ports = {
        monitor["spec"]["podMetricsEndpoints"][0]["targetPort"],
        int(job["relabel_configs"][1]["regex"]),
        int(pods["metadata"]["annotations"]["prometheus.io/port"]),
        pods["spec"]["containers"][0]["ports"][0]["containerPort"],
    }
    assert ports == {8080}
    limits = {monitor["spec"]["labelLimit"], monitor["spec"]["labelNameLengthLimit"], monitor["spec"]["labelValueLengthLimit"]}
    assert limits == {job["label_limit"], job["label_name_length_limit"], job["label_value_length_limit"]} == {63, 511, 1023}


def test_prometheus_takes_the_scrape_job(tmp_path: Path) -> None:
    """Debian's promtool knows no kubernetes_sd: the rest of the job is looked at."""
    if not find_promtool():
        (pytest.fail if os.environ.get("FLUXWATCH_REQUIRE_PROMTOOL") == "1" else pytest.skip)(NO_PROMTOOL)
    config = yaml.safe_load((HOME / "metrics/scrape-job/prometheus-config").read_text("utf-8"))
    config["scrape_configs"][0]["static_configs"] = [{"targets": ["localhost:8080"]}]
    assert config["scrape_configs"][0].pop("kubernetes_sd_configs")[0]["role"] == "pod"
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config), "utf-8")
    assert run("check", "config", str(tmp_path / "prometheus.yml")) == ""
