from __future__ import annotations

import os
import socket

from app.run import ports


def test_busy_port_is_one_sentence(free_port: int) -> None:
    """A taken port is told with its setting, who has it, and another one to choose."""
    with socket.create_server(("127.0.0.1", free_port)):
        (sentence,) = ports.busy({"PORT": free_port})
    assert sentence.startswith(f"Port {free_port} is used by python")
    assert f"(pid {os.getpid()})" in sentence
    assert "for example PORT=" in sentence


def test_free_port(free_port: int) -> None:
    """A free port is nothing to talk about."""
    assert ports.busy({"PORT": free_port}) == []
