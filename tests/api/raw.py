"""Requests as bytes on a socket: what no HTTP library would send."""

import socket
from urllib.parse import urlsplit

from msgspec import Struct


class Reply(Struct, frozen=True):
    """Status and body of an answer; status 0 if the server only closed the connection."""

    status: int
    head: bytes
    body: bytes


def send(base: str, target: bytes, method: bytes = b"GET", headers: bytes = b"") -> Reply:
    """One request line and headers, as given."""
    return exchange(base, method + b" " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + b"\r\n")


def exchange(base: str, request: bytes) -> Reply:
    """Bytes sent, and the answer until the server closes."""
    parts = urlsplit(base)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(request)
        received = b""
        try:
            while part := connection.recv(65536):
                received += part
        except ConnectionResetError:
            pass
    head, _, body = received.partition(b"\r\n\r\n")
    return Reply(int(head.split(b" ")[1]) if head else 0, head, body)
