"""The files in ``deploy`` against what they name: settings, commands, routes, ports, each other; and the sums of the page."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from live import local, serving

from ui.access.doors import is_api
from ui.access.visitors import is_loopback
from ui.api.app import create_app
from ui.cli import build
from ui.settings import PREFIX, Settings, load_settings
from vectorstore.embedded_model import NAME

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
PAGE = ROOT / "docs" / "DEPLOYMENT.md"
PASSWORDS = {"database": "postgresql://zhengce:secret@postgres/zhengce"}  # of the Secret, by key
TOLERANCE = 0.02
UNITS = {"GiB": 2.0**30, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "万": 1e4, "亿": 1e8, "%": 1e-2}

Found = tuple[str, Any]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def yaml_files() -> list[Path]:
    return sorted(path for path in DEPLOY.rglob("*") if path.suffix in (".yml", ".yaml"))


def composes() -> list[Path]:
    return sorted(DEPLOY.glob("compose*.yml"))


def objects() -> list[dict[str, Any]]:
    return [one for path in sorted(KUBERNETES.glob("*.yaml")) for one in yaml.safe_load_all(text_of(path))]


def of_kind(*kinds: str) -> list[dict[str, Any]]:
    return [one for one in objects() if one["kind"] in kinds]


def named(kind: str, name: str) -> dict[str, Any]:
    (found,) = [one for one in of_kind(kind) if one["metadata"]["name"] == name]
    return found


def pods() -> Iterator[Found]:
    """Yield the name and the template of every pod."""
    for one in of_kind("Deployment", "StatefulSet", "Job"):
        yield one["metadata"]["name"], one["spec"]["template"]
    for one in of_kind("RayCluster"):
        groups = [one["spec"]["headGroupSpec"], *one["spec"]["workerGroupSpecs"]]
        for group in groups:
            yield one["metadata"]["name"], group["template"]


def containers() -> Iterator[Found]:
    for name, template in pods():
        for container in template["spec"]["containers"]:
            yield name, container


def image_environment() -> dict[str, str]:
    """Return what the image sets."""
    (block,) = re.findall(r"^ENV PATH=(?:.*\\\n)*.*$", text_of(DEPLOY / "Containerfile"), re.MULTILINE)
    return dict(re.findall(r"(\w+)=(\S+)", block.removeprefix("ENV ")))


def environments() -> Iterator[Found]:
    """Yield what each process of the service is set to, by what it is called."""
    image = image_environment()
    for path in composes():
        for name, service in yaml.safe_load(text_of(path))["services"].items():
            given = {key: str(value) for key, value in service.get("environment", {}).items()}
            if any(key.startswith(PREFIX) for key in given):
                yield f"{path.name}:{name}", {**image, **given}
    (shared,) = of_kind("ConfigMap")
    for name, container in containers():
        given = dict(shared["data"]) if "envFrom" in container else {}
        for variable in container.get("env", []):
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            given[variable["name"]] = PASSWORDS[reference["key"]] if reference else variable["value"]
        if any(key.startswith(PREFIX) for key in given):
            yield f"kubernetes:{name}", {**image, **given}


def commands() -> Iterator[Found]:
    """Yield every command of the service, as its words, by the file that it stands in."""
    containerfile = text_of(DEPLOY / "Containerfile")
    for words in re.findall(r"^CMD (\[.+\])$", containerfile, re.MULTILINE):
        yield "Containerfile", yaml.safe_load(words)
    for path in composes():
        for service in yaml.safe_load(text_of(path))["services"].values():
            if "zhengce" in service.get("command", []):
                yield path.name, service["command"]
    for line in re.findall(r"^ExecStart=(.+)$", text_of(DEPLOY / "zhengce.service"), re.MULTILINE):
        yield "zhengce.service", shlex.split(line)
    for name, container in containers():
        for words in container.get("command", []), *map(shlex.split, container.get("args", [])):
            if "zhengce" in words:
                yield f"kubernetes:{name}", words
    for line in re.findall(r"^\$ (?:ZHENGCE_\S+ |.* (?:page|--) )?(zhengce .+)$", text_of(PAGE), re.MULTILINE):
        yield PAGE.name, shlex.split(line.split("  #")[0])


def ours(words: list[str]) -> list[str]:
    """Return the arguments of ``zhengce`` in a command line."""
    (at,) = [place for place, word in enumerate(words) if Path(word).name == "zhengce"]
    return words[at + 1 :]


def loaded(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in environment.items():
        if name.startswith(PREFIX):
            monkeypatch.setenv(name, re.sub(r"\$\{[^}]+\}", "secret", value))
    return load_settings()


# -- what the files name ---------------------------------------------------------------------------------------------


def test_every_file_is_yaml() -> None:
    assert len(yaml_files()) > 12
    for path in yaml_files():
        assert list(yaml.safe_load_all(text_of(path))), path


@pytest.mark.parametrize(
    ("place", "environment"), list(environments()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_the_service_takes_what_it_is_set_to(
    place: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = loaded(environment, monkeypatch)
    assert settings.sign_in or settings.require_key, "others reach it"
    assert not is_loopback(settings.host)
    assert settings.trusted_proxies or "compose.yml" in place
    if place.startswith("kubernetes"):
        monkeypatch.setenv("ZHENGCE_SERVICE_HOST", "10.0.0.1")
        with pytest.raises(Exception, match="ZHENGCE_SERVICE_HOST"):
            load_settings()


def test_environments_and_commands_are_found() -> None:
    places = [place for place, _ in environments()]
    assert {"compose.yml:zhengce", "compose.workers.yml:api-2", "kubernetes:api", "kubernetes:ingest"} <= set(places)
    assert {"Containerfile", "compose.workers.yml", "zhengce.service", "kubernetes:api", "kubernetes:ingest"} <= {
        place for place, _ in commands()
    }


@pytest.mark.parametrize(("place", "words"), list(commands()), ids=lambda one: one if isinstance(one, str) else "")
def test_commands_are_commands_with_options_that_are_there(place: str, words: list[str]) -> None:
    group = build("zh")
    with group.make_context("zhengce", ours(words)) as context:
        name, command, rest = group.resolve_command(context, [*context._protected_args, *context.args])
        assert command is not None and name in group.commands, (place, words)
        command.make_context(name, list(rest), parent=context).close()


def test_probes_are_answered_without_signing_in(tmp_path: Path) -> None:
    healthcheck = re.search(r"http://127\.0\.0\.1:7860(/\w+)", text_of(DEPLOY / "Containerfile"))
    assert healthcheck
    probed = {healthcheck[1]}
    for name, container in containers():
        if "zhengce serve" in " ".join(container.get("command", [])):
            assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys(), name
            kinds = ("startupProbe", "readinessProbe", "livenessProbe")
            assert [container[kind]["httpGet"]["path"] for kind in kinds] == ["/healthz", "/readyz", "/healthz"]
            probed |= {container[kind]["httpGet"]["path"] for kind in kinds}
    scraped = {
        template["metadata"]["annotations"]["prometheus.io/path"]
        for name, template in pods()
        if name in ("api", "page")
    }
    with (
        serving(tmp_path, host="0.0.0.0", sign_in=True, metrics=True, allowed_hosts=()) as services,
        local(services, headers={"host": "10.1.2.3:7860"}) as client,
    ):
        for path in probed | scraped:
            assert client.get(path).status_code == 200, path
        assert client.get("/api/v1/documents").status_code == 401


def test_programs_reach_the_workers_and_readers_the_page(tmp_path: Path) -> None:
    (ingress,) = of_kind("Ingress")
    (rule,) = ingress["spec"]["rules"]
    to_api = [one["path"] for one in rule["http"]["paths"] if one["backend"]["service"]["name"] == "api"]
    conf = text_of(DEPLOY / "nginx.workers.conf")
    (pattern,) = re.findall(r"location ~ (\S+) \{\s+proxy_pass http://zhengce_api;", conf)
    with serving(tmp_path) as services:
        paths = [*create_app(services).openapi()["paths"], "/", "/en/", "/sign-in", "/docs", "/gradio_api/queue/join"]
    assert sum(map(is_api, paths)) > 20
    for path in paths:
        by_ingress = any(path == prefix or path.startswith(f"{prefix}/") for prefix in to_api)
        assert by_ingress == bool(re.match(pattern, path)), path
        assert by_ingress == is_api(path), path


# -- that they fit together ------------------------------------------------------------------------------------------


def test_ports_agree() -> None:
    port = Settings.model_fields["port"].default
    assert f"EXPOSE {port}" in text_of(DEPLOY / "Containerfile")
    served = [(name, one) for name, one in containers() if "serve" in one.get("command", [])]
    assert len(served) == 2
    for name, container in served:
        (given,) = container["ports"]
        words = container["command"]
        assert int(words[words.index("--port") + 1]) == given["containerPort"] == port
        annotations = named("Deployment", name)["spec"]["template"]["metadata"]["annotations"]
        assert annotations["prometheus.io/port"] == str(port)
    compose = yaml.safe_load(text_of(DEPLOY / "compose.workers.yml"))
    conf = text_of(DEPLOY / "nginx.workers.conf")
    upstream = re.findall(r"^    server (\S+):(\d+)", conf, re.MULTILINE)
    assert {host for host, _ in upstream} == {"page", "api-1", "api-2"} <= compose["services"].keys()
    assert {int(number) for _, number in upstream} == {port}
    (listened,) = re.findall(r"listen (\d+);", conf)
    assert compose["services"]["balancer"]["ports"] == [f"127.0.0.1:{listened}:{listened}"]


def test_services_lead_to_pods() -> None:
    templates = dict(pods())
    for service in of_kind("Service"):
        labels = service["spec"]["selector"].items()
        fitting = [one for one in templates.values() if labels <= one.get("metadata", {}).get("labels", {}).items()]
        assert len(fitting) == 1, service["metadata"]["name"]
        ports = {port["name"] for one in fitting[0]["spec"]["containers"] for port in one["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports
    for one in of_kind("Deployment", "StatefulSet"):
        labels = one["spec"]["template"]["metadata"]["labels"].items()
        assert one["spec"]["selector"]["matchLabels"].items() <= labels
    (ingress,) = of_kind("Ingress")
    for path in ingress["spec"]["rules"][0]["http"]["paths"]:
        wanted = path["backend"]["service"]
        assert wanted["port"]["name"] in {p["name"] for p in named("Service", wanted["name"])["spec"]["ports"]}
    for one in of_kind("HorizontalPodAutoscaler"):
        assert named(one["spec"]["scaleTargetRef"]["kind"], one["spec"]["scaleTargetRef"]["name"])


def test_the_vector_store_is_where_it_is_said_to_be() -> None:
    (shared,) = of_kind("ConfigMap")
    host, port = shared["data"]["ZHENGCE_STORE"].removeprefix("chroma+http://").split(":")
    assert [one["port"] for one in named("Service", host)["spec"]["ports"]] == [int(port)]
    compose = yaml.safe_load(text_of(DEPLOY / "compose.workers.yml"))
    for name in ("page", "api-1", "api-2"):
        given = compose["services"][name]["environment"]
        assert given["ZHENGCE_STORE"] == f"chroma+http://chroma:{port}"
        assert given["ZHENGCE_TRUSTED_PROXIES"] == compose["networks"]["default"]["ipam"]["config"][0]["subnet"]


def test_volumes_secrets_and_resources_are_there() -> None:
    claims = {one["metadata"]["name"] for one in of_kind("PersistentVolumeClaim")}
    page = text_of(PAGE)
    for name, template in pods():
        spec = template["spec"]
        volumes = {volume["name"]: volume for volume in spec.get("volumes", [])}
        for volume in volumes.values():
            if claim := volume.get("persistentVolumeClaim"):
                assert claim["claimName"] in claims or f"`{claim['claimName']}`" in page, name
        for container in spec["containers"]:
            templates = {"data"} if name == "chroma" else set()
            assert {mount["name"] for mount in container.get("volumeMounts", [])} <= volumes.keys() | templates
    assert not of_kind("Secret"), "they are made by hand, and never lie here"
    for key in PASSWORDS:
        assert re.search(rf"kubectl create secret generic zhengce .*--from-literal={key}=", page)
    kustomization = yaml.safe_load(text_of(KUBERNETES / "kustomization.yaml"))
    files = {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml", "ray.yaml"}
    assert set(kustomization["resources"]) == files
    (image,) = kustomization["images"]
    assert {one["image"] for _, one in containers()} == {
        "zhengce",
        "chromadb/chroma:1.5.9",
        f"{image['newName']}:{image['newTag']}",
    }


def test_pods_are_closed_and_have_time_to_end() -> None:
    for name, template in pods():
        spec = template["spec"]
        # else the Service `api` would bring API_PORT, one called zhengce ZHENGCE_PORT, and chroma's CHROMA_PORT
        assert spec["enableServiceLinks"] is False, name
        assert spec["automountServiceAccountToken"] is False, name
        assert all("limits" in container["resources"] for container in spec["containers"]), name
        if name != "chroma":
            assert spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["runAsUser"] == 10001, name
    (shared,) = of_kind("ConfigMap")
    needed = float(shared["data"]["ZHENGCE_SHUTDOWN_SECONDS"]) + 12  # docs/OPERATION.md
    for name in ("api", "page"):
        spec = named("Deployment", name)["spec"]["template"]["spec"]
        (container,) = spec["containers"]
        asleep, seconds = container["lifecycle"]["preStop"]["exec"]["command"]
        assert asleep == "sleep"
        assert spec["terminationGracePeriodSeconds"] >= needed + int(seconds)
        memory = int(container["resources"]["limits"]["memory"].removesuffix("Gi")) * 1024
        reading = int(shared["data"]["ZHENGCE_INGEST_MEMORY_MB"]) * int(shared["data"]["ZHENGCE_INGEST_WORKERS"])
        assert memory - reading >= 1024, "what reads a file beside the service must not be what kills it"


def test_workers_of_one_catalog_run_on_one_node() -> None:
    """SQLite's journal is shared memory: a data folder over a network is not one for two machines."""
    claim = named("PersistentVolumeClaim", "zhengce-data")
    assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]
    for name, template in pods():
        volumes = [one.get("persistentVolumeClaim", {}) for one in template["spec"].get("volumes", [])]
        if {"claimName": "zhengce-data"} in volumes:
            (near,) = template["spec"]["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
            assert near["topologyKey"] == "kubernetes.io/hostname"
            assert near["labelSelector"]["matchLabels"].items() <= template["metadata"]["labels"].items(), name


def test_versions_are_those_that_are_tested() -> None:
    pinned = dict(re.findall(r"^([\w-]+)==(\S+)$", text_of(ROOT / "constraints.txt"), re.MULTILINE))
    assert pinned["torch"] == "2.13.0"
    for path in yaml_files():
        text = text_of(path)
        for version in re.findall(r"chromadb/chroma:(\S+)", text):
            assert version == pinned["chromadb"], path
        for version in re.findall(r'rayVersion: "(\S+)"', text):
            assert version == pinned["ray"], path
        for image in re.findall(r"^\s+image: (\S+)$", text, re.MULTILINE):
            assert image == "zhengce" or re.search(r":v?\d", image), (path, image)


def test_the_image_is_built_of_what_is_here() -> None:
    text = text_of(DEPLOY / "Containerfile")
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    copied = [word for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE) for word in line.split()]
    allowed = re.findall(r"^!(\S+)$", text_of(DEPLOY / "Containerfile.dockerignore"), re.MULTILINE)
    assert sorted(copied) == sorted(allowed)
    assert all((ROOT / source).exists() for source in copied)
    packages = {name.split(".")[0] for name in project["tool"]["setuptools"]["packages"]}
    assert packages | {"constraints.txt", "pyproject.toml", project["project"]["readme"]} == set(copied)
    installs = re.findall(r"^RUN \S+ -m pip install (.+)$", text, re.MULTILINE)
    assert installs[0].endswith("-c constraints.txt torch") and len(installs) == 2
    (models,) = re.findall(r"^RUN \S+/zhengce model --to (\S+)$", text, re.MULTILINE)
    assert image_environment()["ZHENGCE_EMBEDDING_MODEL"] == f"{models}/{NAME}"
    assert "USER zhengce" in text.splitlines()
    assert "HEALTHCHECK" in text
    extras = project["project"]["optional-dependencies"].keys()
    wanted = re.findall(r"EXTRAS=([a-z,]+)", text + text_of(KUBERNETES / "ray.yaml") + text_of(PAGE))
    assert wanted and {one for words in wanted for one in words.split(",")} <= extras


def test_milvus_is_sized_as_the_page_says() -> None:
    values = yaml.safe_load(text_of(DEPLOY / "milvus-values.yaml"))
    node = values["queryNode"]
    memory = node["resources"]["limits"]["memory"].removesuffix("Gi")
    assert f"{node['replicas']} 台 × {memory} GiB" in text_of(PAGE)
    yaml.safe_load(values["extraConfigFiles"]["user.yaml"])


def test_stores_that_the_page_names_are_taken() -> None:
    found = set(re.findall(r"(?:ZHENGCE_STORE=|`)((?:milvus:|chroma\+)http\S+:\d+)", text_of(PAGE)))
    assert found
    for value in found:
        assert Settings(store=value).store == value


# -- the page --------------------------------------------------------------------------------------------------------


def test_files_that_the_page_names_are_there() -> None:
    text = text_of(PAGE)
    found = set(re.findall(r"\b(?:deploy|docs|tests|benchmarks|vectorstore|ingest)/\w[\w./-]*\w", text))
    assert len(found) > 10
    for name in found:
        assert (ROOT / name).exists(), name
    for name in re.findall(r"ZHENGCE_([A-Z_]+[A-Z])", text):
        assert name.lower() in Settings.model_fields, name
    for path in (*KUBERNETES.glob("*.yaml"), *composes(), DEPLOY / "milvus-values.yaml"):
        assert path.name in text, path


def worth(expression: str) -> float:
    """Return what a sum says: numbers with units, +, -, ×, ÷ and parentheses."""
    words = []
    for word in re.findall(r"[\d,]+(?:\.\d+)?\s*(?:%|[^\W\d_]+)?|[-+×÷()]", expression):
        if number := re.match(r"([\d,]+(?:\.\d+)?)\s*(.*)", word):
            value, unit = float(number[1].replace(",", "")), number[2]
            scale = next((UNITS[one] for one in UNITS if unit.startswith(one)), 1.0)
            words.append(repr(value * scale))
        else:
            words.append({"×": "*", "÷": "/"}.get(word, word))
    return float(eval(" ".join(words), {"__builtins__": {}}))


def sums() -> list[str]:
    """Return the lines of arithmetic: those with an equals sign in blocks that are marked as text."""
    blocks = re.findall(r"^```text\n(.*?)^```$", text_of(PAGE), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if "=" in line]


def test_the_sums_are_right() -> None:
    assert len(sums()) > 40
    for line in sums():
        said = line.split("：")[-1].split("→")[0]
        parts = said.split("=")
        values = [worth(part) for part in parts]
        for value in values[1:]:
            assert value == pytest.approx(values[0], rel=TOLERANCE), line


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("1,000,000 × 1,676 B", 1.676e9),
        ("100 万 ÷ 4", 250_000),
        ("(2 + 3) × 4 核", 20),
        ("0.5 GB", 5e8),
        ("70% × 10", 7),
    ],
)
def test_sums_are_read(said: str, value: float) -> None:
    assert worth(said) == pytest.approx(value)
