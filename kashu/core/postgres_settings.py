"""What the embedded PostgreSQL is told: what may be tuned, and what must hold."""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

MIB: Final = 1 << 20
SMALL_SHARED_MEMORY: Final = 128 * MIB  # containers have 64 MiB, which one parallel query may fill


def at_creation() -> list[str]:
    """Say how the data is made. These settings land in postgresql.conf, for the owner to tune."""
    memory = memory_bytes()
    shared = max(64, min(1024, memory // 16 // MIB))  # 256 MiB of 4 GiB
    tunable = {
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{memory // 2 // MIB}MB",
        "max_connections": "100",
        "random_page_cost": "1.1",  # solid-state disks
        "wal_compression": "on",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "jit": "off",  # our statements are short: compiling one costs more than running it
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    return [
        "--encoding=UTF8",
        # The same order of letters on every machine, whatever its C library.
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
        # Whoever reaches the socket is let in; the folder's mode decides who does.
        "--auth-local=trust",
        "--auth-host=reject",
        "--no-instructions",
        *(f"--set={name}={value}" for name, value in tunable.items()),
    ]


def always(mark: str, socket_folder: Path) -> list[str]:
    """Say what holds at every start, whatever postgresql.conf says."""
    quoted = str(socket_folder).replace('"', '""')
    fixed = {
        "cluster_name": mark,
        "listen_addresses": "",
        "port": "5432",
        "unix_socket_directories": f'"{quoted}"',
        "unix_socket_permissions": "0700",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "dynamic_shared_memory_type": _dynamic_shared_memory(),
        # Seven files, one a weekday, each written over after a week.
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgres-%a.log",
        "log_file_mode": "0600",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_truncate_on_rotation": "on",
        "log_line_prefix": "%m [%p] ",
        # No card's secret in a log: not in a statement, a parameter, or the DETAIL of a violated
        # constraint. The text of an error may quote a value too, so errors of statements are
        # told to the one who sent them and are not logged here.
        "log_statement": "none",
        "log_min_duration_statement": "-1",
        "log_min_duration_sample": "-1",
        "log_transaction_sample_rate": "0",
        "log_min_error_statement": "panic",
        "log_min_messages": "log",
        "log_error_verbosity": "terse",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
    }
    return [word for name, value in fixed.items() for word in ("-c", f"{name}={value}")]


def memory_bytes() -> int:
    """Say how much memory we have: the machine's, or the container's if that is less."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(Path(limit).read_text()))
        except (OSError, ValueError):  # not there, or "max"
            continue
    return total


def _dynamic_shared_memory() -> str:
    if not sys.platform.startswith("linux"):
        return "posix"
    try:
        return "mmap" if shutil.disk_usage("/dev/shm").free < SMALL_SHARED_MEMORY else "posix"  # noqa: S108
    except OSError:
        return "mmap"
