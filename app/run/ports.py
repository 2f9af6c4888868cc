"""Whether a TCP port can be had, and who holds it."""

from __future__ import annotations

import socket
from collections.abc import Mapping

import psutil


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """True when a server could listen there now. Raises PermissionError for a port that is not for us."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise
        except OSError:
            return False
    return True


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody uses at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def busy(wanted: Mapping[str, int], host: str = "127.0.0.1") -> list[str]:
    """One sentence for every port that is taken; `wanted` maps a setting's name to its port."""
    return [sentence for setting, port in wanted.items() if (sentence := _trouble(setting, port, host))]


def _trouble(setting: str, port: int, host: str) -> str | None:
    try:
        if is_free(port, host):
            return None
    except PermissionError:
        return f"Port {port} is not for ordinary users: choose another, for example {setting}={port + 8000}."
    return (
        f"Port {port} is used by {holder(port) or 'another program'}: "
        f"stop that, or choose another port, for example {setting}={_next_free(port)} (also in .env)."
    )


def holder(port: int) -> str | None:
    """Name and pid of the process that listens on a port, when we may see it."""
    try:
        connections = psutil.net_connections("tcp")
    except (psutil.Error, OSError):  # other users' sockets are hidden from us on some systems
        return None
    for connection in connections:
        address = connection.laddr
        if connection.status != psutil.CONN_LISTEN or not address or not connection.pid:
            continue
        if address.port == port:
            try:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
            except psutil.Error:
                return f"pid {connection.pid}"
    return None


def _next_free(port: int) -> int:
    return next((other for other in range(port + 1, min(port + 100, 65536)) if is_free(other)), port + 1)
